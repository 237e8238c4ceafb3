namespace RonKms.Tests;

/// <summary>Counts the cases of a file, so that a runner that ran none cannot pass, and names those that went wrong.</summary>
internal sealed class VectorTally
{
    private readonly string _file;
    private readonly List<string> _wrong = [];
    private int _run;
    private int _leftOut;

    /// <summary>Starts counting.</summary>
    /// <param name="file">The file, for the report.</param>
    internal VectorTally(string file)
    {
        _file = file;
    }

    /// <summary>Counts a case that ran.</summary>
    /// <param name="id">Its identifier in the file.</param>
    /// <param name="isRight">Whether the result is the expected one.</param>
    internal void Add(object id, bool isRight)
    {
        _run++;
        if (!isRight)
        {
            _wrong.Add(id.ToString()!);
        }
    }

    /// <summary>Counts a case that tests something this library does not have.</summary>
    internal void LeaveOut() => _leftOut++;

    /// <summary>Prints the counts and checks them.</summary>
    /// <param name="run">How many cases must have run.</param>
    /// <param name="leftOut">How many must have been left out.</param>
    internal void Finish(int run, int leftOut = 0)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{_file}: {_run} cases run, {_leftOut} left out, {_wrong.Count} wrong");
        Assert.Empty(_wrong);
        Assert.Equal((run, leftOut), (_run, _leftOut));
    }
}
