using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RonKms.Capabilities;
using RonKms.DevServer;

namespace RonKms.Benchmarks.Harness;

/// <summary>POST /verify with an Ed25519 signature, and what it cannot do without: an answer that says nothing, and the library's own work.</summary>
internal sealed class HarnessPair : IDisposable
{
    private const int WarmUp = 50_000;

    private readonly WebApplication _app = DevServer.Harness.Build(new HarnessOptions { Port = 0, Tenants = ["bench"] }, TextWriter.Null);
    private readonly KeepAlive _verify;
    private readonly KeepAlive _empty;
    private readonly IKeystore _kms;
    private readonly KeyId _key;
    private readonly byte[] _message = new byte[128];
    private readonly byte[] _signature;
    private readonly string _capability;
    private readonly CapabilityVerifier _verifier;

    internal HarnessPair()
    {
        // Of the same program, behind the same middleware.
        _app.MapGet("/empty", static () => { });
        ((IHost)_app).Start();
        IPEndPoint server = IPEndPoint.Parse(new Uri(_app.Urls.Single()).Authority);
        _kms = _app.Services.GetRequiredService<IKeystore>();
        _capability = _app.Services.GetRequiredService<HarnessKeystore>().MintRoot("bench").SerializeToText();
        _verifier = new CapabilityVerifier(_kms, new CapabilityVerifierOptions { Revocations = new MemoryRevocations(), ReplayCheck = new MemoryReplayCheck() });
        _key = _kms.Create("bench", "signing", KeyAlgorithm.Ed25519);
        _signature = _kms.Sign(_key, _message);

        string body = JsonSerializer.Serialize(new
        {
            payload_b3 = _message,
            sigs = (object[])[new { alg = "Ed25519", sig_b3 = _signature, kid = _key.ToString() }],
        });
        _verify = new KeepAlive(
            server,
            $"POST {DevServer.Harness.Root}/verify HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {_capability}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Require(_verify.Answer.Contains("\"ok\":true", StringComparison.Ordinal));
        _empty = new KeepAlive(server, $"GET /empty HTTP/1.1\r\nHost: {server}\r\n\r\n");

        // A web server is much code, and tiered compilation takes its time over it.
        _verify.Exchange(WarmUp);
        VerifyBare(WarmUp);
    }

    internal void Verify(int count) => _verify.Exchange(count);

    internal void VerifyBare(int count)
    {
        for (int i = 0; i < count; i++)
        {
            // In turns: the library's work finds the processor as an exchange leaves it, as it does in the harness.
            _empty.Exchange(1);
            Require(Macaroon.TryParse(_capability, out Macaroon? capability)
                && _verifier.Verify(capability, [], new CapabilityRequest(CapabilityScopes.Read, _key)).IsAllowed
                && _kms.Verify(_key, _message, _signature));
        }
    }

    public void Dispose()
    {
        _verify.Dispose();
        _empty.Dispose();
        ((IDisposable)_app).Dispose();
    }

    private static void Require(bool good)
    {
        if (!good)
        {
            throw new InvalidOperationException("What is measured does not work.");
        }
    }
}
