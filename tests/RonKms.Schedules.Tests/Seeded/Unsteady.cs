using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Seeded;

/// <summary>Trials that go otherwise every time: nothing that was chosen before says anything of them.</summary>
internal static class Unsteady
{
    private static int s_times;

    internal static Trial MoreSteps()
    {
        int steps = s_times++ % 2 == 0 ? 9 : 1;
        void Work()
        {
            for (int i = 0; i < steps; i++)
            {
                Controlled.Step("one of ever other numbers");
            }
        }

        return new Trial(Work, Work);
    }

    internal static Trial OneThreadLess()
    {
        void Work() => Controlled.Step("one");
        return s_times++ % 2 == 0 ? new Trial(Work, Work, Work) : new Trial(Work, Work);
    }
}
