using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RonKms.Benchmarks.Harness;

/// <summary>One connection over which the same request is sent again and again. A socket alone: a client library would take longer than the server.</summary>
internal sealed class KeepAlive : IDisposable
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[16_384];
    private readonly int _answerSize;

    internal KeepAlive(IPEndPoint server, string request)
    {
        _request = Encoding.ASCII.GetBytes(request);
        _socket.Connect(server);
        _socket.Send(_request);

        // Every answer is as long as the first one, of which nothing is left when nothing more comes.
        do
        {
            _answerSize += _socket.Receive(_answer.AsSpan(_answerSize));
        }
        while (_socket.Poll(s_quiet, SelectMode.SelectRead));

        RequireGood();
    }

    /// <summary>The answer's text, head and body.</summary>
    internal string Answer => Encoding.ASCII.GetString(_answer, 0, _answerSize);

    internal void Exchange(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _socket.Send(_request);
            for (int received = 0; received < _answerSize;)
            {
                int size = _socket.Receive(_answer.AsSpan(received, _answerSize - received));
                received += size > 0 ? size : throw new IOException("The harness closed the connection.");
            }

            RequireGood();
        }
    }

    public void Dispose() => _socket.Dispose();

    private void RequireGood()
    {
        if (!_answer.AsSpan().StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException($"The harness refused what is measured: {Answer}");
        }
    }
}
