using System.Diagnostics;
using System.Globalization;

namespace RonKms.Soak;

/// <summary>One run: the load, the watch beside it, and what is said at the end.</summary>
internal static class Soak
{
    private const int Workers = 4;
    private const double MaxGrowth = 1.1;

    // A connection that the server closed and the worker made anew may be counted twice for a moment.
    private const int HandleSlack = Workers;

    internal static async Task<bool> RunAsync(TimeSpan length, Uri address, int pid, string capability)
    {
        using ServerWatch watch = new(pid, length);
        using CancellationTokenSource end = new();
        Worker[] workers = [.. Enumerable.Range(0, Workers).Select(i => new Worker(address, capability, i))];
        foreach (Worker worker in workers)
        {
            await worker.PrepareAsync();
        }

        long started = Stopwatch.GetTimestamp();
        Task running = Task.WhenAll(workers.Select(worker => worker.RunAsync(end.Token)));
        await watch.WatchAsync(LookAtAll);
        await end.CancelAsync();
        await ServerWatch.WaitAsync(running, LookAtAll);

        TimeSpan took = Stopwatch.GetElapsedTime(started);
        long requests = 0;
        foreach (string op in Worker.Ops)
        {
            Latencies all = Latencies.Sum(workers.Select(worker => worker.LatenciesOf(op)));
            requests += all.Count;
            Print($"{op,-7} {all.Count,9} requests   p50 {all.Milliseconds(0.50):0.00} ms   p95 {all.Milliseconds(0.95):0.00} ms   p99 {all.Milliseconds(0.99):0.00} ms");
        }

        string[] errors = [.. workers.SelectMany(worker => worker.Errors)];
        foreach (IGrouping<string, string> error in errors.GroupBy(error => error))
        {
            Print($"error: {error.Key} ({error.Count()} times)");
        }

        Print($"memory  {watch.StartMiB:0} MiB at the start, {watch.SecondMiB:0} in the second period, {watch.LastMiB:0} in the last, of {watch.Period.TotalSeconds:0} s");
        Print($"handles {watch.StartHandles} at the start, {watch.SecondHandles} in the second period, {watch.LastHandles} in the last");
        if (watch.LongestHold > TimeSpan.FromSeconds(5))
        {
            Print($"note: this machine held the driver itself for up to {watch.LongestHold.TotalSeconds:0} s, so the times are not the server's");
        }

        double growth = watch.LastMiB / watch.SecondMiB;
        bool good = errors.Length == 0
            && Worker.Ops.All(op => workers.Any(worker => worker.LatenciesOf(op).Count > 0))
            && growth <= MaxGrowth
            && watch.LastHandles <= watch.SecondHandles + HandleSlack;
        Print($"soak: {length.TotalMinutes:0.#} min, {requests / took.TotalSeconds:0} requests a second, {errors.Length} errors, memory {growth:0.000}: {(good ? "ok" : "FAILED")}");
        Array.ForEach(workers, worker => worker.Dispose());
        return good;

        void LookAtAll() => Array.ForEach(workers, worker => worker.Look());
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
