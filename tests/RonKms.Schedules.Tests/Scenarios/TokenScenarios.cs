using System.Runtime.InteropServices;
using RonKms.Pkcs11.Tokens;
using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Scenarios;

/// <summary>Those who use a token's sessions, one who is alone with it, and one who closes it.</summary>
internal static class TokenScenarios
{
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(1);

    [Explored(3)]
    internal static Trial Two_users_of_one_place()
    {
        Sessions sessions = new(limit: 1);
        return new Trial(sessions.Use, sessions.Use) { Check = () => Assert.Equal(1, sessions.Opened) };
    }

    [Explored(2)]
    internal static Trial Two_users_and_one_alone()
    {
        Sessions sessions = new(limit: 2);
        return new Trial(sessions.Use, sessions.Use, sessions.BeAlone) { Check = sessions.CheckIdle };
    }

    [Explored(2)]
    internal static Trial Two_who_want_to_be_alone()
    {
        Sessions sessions = new(limit: 1);
        return new Trial(sessions.BeAlone, sessions.BeAlone, sessions.Use) { Check = sessions.CheckIdle };
    }

    [Explored(2)]
    internal static Trial Users_and_an_end()
    {
        Sessions sessions = new(limit: 1);
        return new Trial(sessions.Use, sessions.BeAlone, sessions.Close) { Check = () => Assert.Equal(0, sessions.Opened) };
    }

    /// <summary>A pool, and what would be a token's sessions.</summary>
    private sealed class Sessions(int limit)
    {
        private readonly SessionPool _pool = new(limit);
        private readonly HashSet<CULong> _used = [];
        private uint _last;
        private int _inside;
        private bool _isFinished;

        /// <summary>How many sessions are open.</summary>
        internal int Opened { get; private set; }

        internal void Use()
        {
            try
            {
                if (!_pool.TryEnter(s_patience))
                {
                    Assert.Fail("There was no place.");
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            Assert.InRange(++_inside, 1, limit);
            if (!_pool.TryTake(out CULong session))
            {
                session = new CULong(++_last);
                Opened++;
            }

            Assert.True(_used.Add(session), "Two use one session.");
            Controlled.Step("using a session");
            Assert.False(_isFinished, "It was closed under a user.");
            _used.Remove(session);
            _pool.Return(session);
            _inside--;
            if (_pool.Leave())
            {
                Finish();
            }
        }

        internal void BeAlone()
        {
            try
            {
                if (!_pool.TryEnterAlone(s_patience))
                {
                    Assert.Fail("The turn did not come.");
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            try
            {
                Assert.True(_pool.TryWaitForOthers(s_patience));
                Assert.Equal(0, _inside);
                _inside += limit;
                Controlled.Step("alone");
                EndIdle();
                _inside -= limit;
            }
            catch (ObjectDisposedException)
            {
                // It was closed while this waited.
            }
            finally
            {
                if (_pool.LeaveAlone())
                {
                    Finish();
                }
            }
        }

        internal void Close()
        {
            _pool.Close();
            Assert.True(_pool.IsLeftWithin(s_patience), "Nobody left in time.");
            Finish();
        }

        internal void CheckIdle()
        {
            Assert.Equal(0, _inside);
            EndIdle();
            Assert.Equal(0, Opened);
        }

        private void Finish()
        {
            Assert.Equal(0, _inside);
            _isFinished = true;
            EndIdle();
        }

        private void EndIdle()
        {
            while (_pool.TryTake(out _))
            {
                Opened--;
            }
        }
    }
}
