using System.Diagnostics;

namespace RonKms.Soak;

/// <summary>Looks every quarter of a second at the memory and the handles of a process. Their medians over a period are compared, as one moment says little.</summary>
/// <remarks>A period is a minute; of a run that is shorter than three, a sixth of it.</remarks>
internal sealed class ServerWatch : IDisposable
{
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(0.25);

    private readonly Process _process;
    private readonly TimeSpan _length;
    private readonly List<(double Bytes, int Handles)> _second = [];
    private readonly List<(double Bytes, int Handles)> _last = [];

    internal ServerWatch(int pid, TimeSpan length)
    {
        _process = Process.GetProcessById(pid);
        _length = length;
        Period = length >= TimeSpan.FromMinutes(3) ? TimeSpan.FromMinutes(1) : length / 6;
        (double bytes, StartHandles) = Look();
        StartMiB = bytes / (1 << 20);
    }

    internal TimeSpan Period { get; }

    internal double StartMiB { get; }

    internal int StartHandles { get; }

    internal double SecondMiB => MiB(_second);

    internal double LastMiB => MiB(_last);

    internal int SecondHandles => Handles(_second);

    internal int LastHandles => Handles(_last);

    public void Dispose() => _process.Dispose();

    /// <summary>For how long at the most nothing was looked at, because this process did not run.</summary>
    internal TimeSpan LongestHold { get; private set; }

    /// <summary>Watches for the run's length, which is counted in looks: time in which this process did not run is none of it.</summary>
    /// <param name="looked">Called with every look.</param>
    internal async Task WatchAsync(Action looked)
    {
        using PeriodicTimer timer = new(s_step);
        for (TimeSpan elapsed = TimeSpan.Zero; elapsed < _length; elapsed += s_step)
        {
            long before = Stopwatch.GetTimestamp();
            await timer.WaitForNextTickAsync();
            looked();
            LongestHold = Stopwatch.GetElapsedTime(before) is var held && held > LongestHold ? held : LongestHold;
            if (elapsed >= Period && elapsed < 2 * Period)
            {
                _second.Add(Look());
            }
            else if (elapsed >= _length - Period)
            {
                _last.Add(Look());
            }
        }
    }

    /// <summary>Waits for the last answers.</summary>
    internal static async Task WaitAsync(Task last, Action looked)
    {
        using PeriodicTimer timer = new(s_step);
        while (!last.IsCompleted)
        {
            await timer.WaitForNextTickAsync();
            looked();
        }

        await last;
    }

    private (double Bytes, int Handles) Look()
    {
        _process.Refresh();
        return (_process.WorkingSet64, _process.HandleCount);
    }

    private static double MiB(List<(double Bytes, int Handles)> looks) => looks.Select(look => look.Bytes).Order().ElementAt(looks.Count / 2) / (1 << 20);

    private static int Handles(List<(double Bytes, int Handles)> looks) => looks.Select(look => look.Handles).Order().ElementAt(looks.Count / 2);
}
