using RonKms.Pkcs11.Tokens;
using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Scenarios;

/// <summary>Calls of a token whose sessions are lost at any moment, or that is closed.</summary>
internal static class RecoveryScenarios
{
    [Explored(3)]
    internal static Trial A_call_whose_session_is_lost()
    {
        TokenConnection connection = FakeModule.Connect(maxSessions: 2);
        return new Trial(() => Call(connection), Lose) { Check = () => CheckClosed(connection) };
    }

    [Explored(1)]
    internal static Trial Two_calls_whose_sessions_are_lost()
    {
        TokenConnection connection = FakeModule.Connect(maxSessions: 2);
        return new Trial(() => Call(connection), () => Call(connection), Lose) { Check = () => CheckClosed(connection) };
    }

    [Explored(1)]
    internal static Trial Two_calls_of_a_token_with_one_session()
    {
        TokenConnection connection = FakeModule.Connect(maxSessions: 1);
        return new Trial(() => Call(connection), () => Call(connection), Lose) { Check = () => CheckClosed(connection) };
    }

    [Explored(1)]
    internal static Trial Two_calls_whose_user_is_logged_out()
    {
        TokenConnection connection = FakeModule.Connect(maxSessions: 2);
        return new Trial(() => Call(connection), () => Call(connection), LogOut) { Check = () => CheckClosed(connection) };
    }

    [Explored(1)]
    internal static Trial A_call_a_loss_and_the_end()
    {
        TokenConnection connection = FakeModule.Connect(maxSessions: 1);
        return new Trial(
            () =>
            {
                try
                {
                    Call(connection);
                }
                catch (ObjectDisposedException)
                {
                    // It was closed first.
                }
            },
            Lose,
            connection.Close)
        {
            Check = () =>
            {
                Assert.Null(FakeModule.Fault);
                Assert.Equal(0, FakeModule.Sessions);
            },
        };
    }

    private static void Call(TokenConnection connection) =>
        Assert.Equal(1, connection.Do(0, static (_, session, _) => FakeModule.Use(session)));

    private static void Lose()
    {
        Controlled.Step("losing all sessions");
        FakeModule.LoseAll();
    }

    private static void LogOut()
    {
        Controlled.Step("logging the user out");
        FakeModule.LogOut();
    }

    private static void CheckClosed(TokenConnection connection)
    {
        // Lost once, opened anew once at the most: one thread did it for all.
        Assert.InRange(FakeModule.Logins, 1, 2);
        Call(connection);
        connection.Close();
        Assert.Null(FakeModule.Fault);
        Assert.Equal(0, FakeModule.Sessions);
    }
}
