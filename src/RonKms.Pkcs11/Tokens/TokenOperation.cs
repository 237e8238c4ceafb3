using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>Something that is done in a session. It may be done twice: the first time may find the session lost.</summary>
/// <typeparam name="TState">What it needs.</typeparam>
/// <typeparam name="TResult">What it gives.</typeparam>
/// <param name="functions">The module.</param>
/// <param name="session">A session that nobody else uses, logged in.</param>
/// <param name="state">What it needs.</param>
/// <returns>What it gives.</returns>
internal delegate TResult TokenOperation<TState, TResult>(Cryptoki functions, CULong session, scoped TState state)
    where TState : allows ref struct;
