using RonKms.DevServer;

try
{
    HarnessOptions options = HarnessOptions.FromEnvironment();
    await using WebApplication app = Harness.Build(options, Console.Error);
    await app.StartAsync();
    Banner.Write(app, options, Console.Out);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 2;
}
catch (IOException e)
{
    // The port is taken.
    Console.Error.WriteLine($"error: {e.Message} PORT names another one.");
    return 1;
}
