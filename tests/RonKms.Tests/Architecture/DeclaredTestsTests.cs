namespace RonKms.Tests.Architecture;

public sealed class DeclaredTestsTests
{
    [Fact]
    public void What_a_runner_runs_is_found()
    {
        const string Source = """
            public sealed partial class ATests { [Fact] public void One() { } [Theory] [InlineData(1)] public async Task Two(int n) => await Task.Yield(); }
            public sealed class BTests : Ns.Suite<int> { [Fact(Explicit = true)] public void Long() { } }
            public abstract class Suite<T> : Base { [Fact] public void Three() { if (no) { Assert.Skip("not here"); } } }
            public abstract class Base { [Fact(Skip = "on some systems", SkipWhen = nameof(IsSome))] public void Four() { } }
            """;

        Assert.Equal(
            new Dictionary<string, bool> { ["ATests.One"] = false, ["ATests.Two"] = false, ["BTests.Long"] = true, ["Suite.Three"] = false, ["Base.Four"] = false },
            DeclaredTests.Find([Source]));
    }

    [Fact]
    public void What_no_runner_runs_is_not_found()
    {
        const string Source = """
            public sealed class ATests
            {
                // [Fact] public void Commented() { }
                /* [Fact] */ public void Bare() { }
                [Fact] private void Private() { }
                [Fact(Skip = "later")] public void Skipped() { }
                [Fact] public void SkipsItself() { int n = 1; Assert.Skip("later"); }
                [Fact] public void SkipsAtOnce() => Assert.Skip("later");
                const string Quoted = "[Fact] public void Quoted() { }";
            #if NEVER
                [Fact] public void Conditional() { }
            #endif
            }
            internal sealed class BTests { [Fact] public void Internal() { } }
            public abstract class Suite { [Fact] public void NobodyDerives() { } }
            """;

        Assert.Empty(DeclaredTests.Find([Source]));
    }
}
