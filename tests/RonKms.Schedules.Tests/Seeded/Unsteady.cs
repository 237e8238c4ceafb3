using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Seeded;

/// <summary>A trial that goes otherwise every time: nothing that was chosen before says anything of it.</summary>
internal static class Unsteady
{
    private static int s_times;

    internal static Trial OneThreadLess()
    {
        void Work() => Controlled.Step("one");
        return s_times++ % 2 == 0 ? new Trial(Work, Work, Work) : new Trial(Work, Work);
    }

    internal static Trial AnotherStep()
    {
        string what = s_times++ % 2 == 0 ? "one" : "another";
        void Work()
        {
            Controlled.Step(what);
            Controlled.Step("and then");
        }

        return new Trial(Work, Work);
    }
}
