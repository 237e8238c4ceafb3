using System.Globalization;
using RonKms.Fuzz;
using RonKms.Fuzz.Engine;
using RonKms.Fuzz.Targets;

// The first argument is the repository, or makes this a worker of FuzzCommands.
return args switch
{
    [WorkerProcess.Argument, string target, string seconds, string seed, string state, string corpus, string found] =>
        FuzzCommands.Work(AllTargets.Find(target)!, Seconds(seconds), int.Parse(seed, CultureInfo.InvariantCulture), state, corpus, found),
    [MinimiseProcess.Argument, string target, string corpus, string found] => MinimiseProcess.Work(AllTargets.Find(target)!, corpus, found),
    [string root, .. string[] command] => new FuzzCommands(root).Run(command),
    _ => FuzzCommands.WrongUsage,
};

static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
