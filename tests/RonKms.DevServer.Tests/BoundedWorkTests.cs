using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RonKms.DevServer.Tests;

public sealed class BoundedWorkTests
{
    private static readonly HarnessOptions s_narrow = new() { MaxConcurrency = 1, MaxQueue = 1 };

    [Fact]
    public async Task When_all_places_are_taken_the_next_is_refused_and_health_still_answers()
    {
        using HeldSigning held = new();
        await using RunningHarness harness = await RunningHarness.StartAsync(s_narrow, services => services.AddSingleton<IOperationGuard>(held));
        string request = $$"""{"kid":"{{await harness.CreateAsync()}}","payload_b3":"AAAA"}""";
        Task<Answer> worked = harness.PostAsync("/sign", request);
        held.WaitUntilEntered();

        // One of the two waits in the queue, the other finds no place in it.
        Task<Answer>[] two = [harness.PostAsync("/sign", request), harness.PostAsync("/sign", request)];
        Task<Answer> refused = await Task.WhenAny(two);
        Task<Answer> queued = two.Single(task => task != refused);
        using HttpResponseMessage health = await harness.Client.GetAsync("/healthz", TestContext.Current.CancellationToken);
        Assert.False(queued.IsCompleted);
        held.LetGo();

        (await refused).IsProblem(503, "Overloaded");
        Assert.Equal(200, (int)health.StatusCode);
        Assert.Equal(200, (await worked).Status);
        Assert.Equal(200, (await queued).Status);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_not_done()
    {
        // The first key is entered and the sender goes away; the second key must not sign.
        using CancellationTokenSource sender = new();
        SigningUntilAborted guard = new(sender);
        await using RunningHarness harness = await RunningHarness.StartAsync(s_narrow, services => services.AddHttpContextAccessor()
            .AddSingleton<IOperationGuard>(provider =>
            {
                guard.Accessor = provider.GetRequiredService<IHttpContextAccessor>();
                return guard;
            }));
        string kid = await harness.CreateAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, Harness.Root + "/sign");
        request.Headers.Authorization = new("Bearer", harness.Root().SerializeToText());
        request.Content = new StringContent($$"""{"kid_set":["{{kid}}","{{kid}}","{{kid}}"],"payload_b3":"AAAA"}""", System.Text.Encoding.UTF8, "application/json");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.Client.SendAsync(request, sender.Token));

        // There is one place: this is answered after the other one ended.
        Assert.Equal(200, (await harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""")).Status);
        Assert.Equal(2, guard.Entered);
        Assert.DoesNotContain(harness.LogLines, line => line.GetProperty("event").GetString() is "Faulted" or "Refused");
    }

    [Fact]
    public async Task A_place_is_not_held_by_a_body_that_does_not_come()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        KestrelServerLimits limits = harness.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.InRange(limits.MaxRequestBodySize!.Value / limits.MinRequestBodyDataRate!.BytesPerSecond, 0, 16);
        Assert.InRange(limits.MinRequestBodyDataRate.GracePeriod, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Stopping_waits_for_what_is_under_way_and_then_wipes()
    {
        using HeldSigning held = new();
        RunningHarness harness = await RunningHarness.StartAsync(configure: services => services.AddSingleton<IOperationGuard>(held));
        string kid = await harness.CreateAsync();
        HarnessKeystore keystore = harness.Services.GetRequiredService<HarnessKeystore>();
        Task<Answer> worked = harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""");
        held.WaitUntilEntered();

        Task stopping = harness.StopAsync();
        Assert.False(stopping.IsCompleted);
        held.LetGo();
        await stopping;
        Answer answer = await worked;
        await harness.DisposeAsync();

        Assert.Equal(200, answer.Status);
        Assert.Throws<ObjectDisposedException>(() => keystore.Head);
        Assert.Throws<ObjectDisposedException>(() => keystore.MintRoot("auth"));
        Assert.Throws<ObjectDisposedException>(() => keystore.ReadLine(1));
    }

    /// <summary>Holds every signature back until it is let go.</summary>
    private sealed class HeldSigning : IOperationGuard, IDisposable
    {
        private readonly ManualResetEventSlim _entered = new();
        private readonly ManualResetEventSlim _letGo = new();

        public void Before(in KmsOperation op)
        {
            if (op.Kind == KmsOperationKind.Sign)
            {
                _entered.Set();
                _letGo.Wait();
            }
        }

        public void After(in KmsOperation op, KmsError? failure)
        {
        }

        public void Dispose()
        {
            _letGo.Set();
            _entered.Dispose();
        }

        internal void WaitUntilEntered() => _entered.Wait(TestContext.Current.CancellationToken);

        internal void LetGo() => _letGo.Set();
    }

    /// <summary>Has the sender of the first signature go away, and goes on once the server knows it.</summary>
    private sealed class SigningUntilAborted(CancellationTokenSource sender) : IOperationGuard
    {
        internal IHttpContextAccessor? Accessor { get; set; }

        internal int Entered { get; private set; }

        public void Before(in KmsOperation op)
        {
            if (op.Kind == KmsOperationKind.Sign && Entered++ == 0)
            {
                CancellationToken aborted = Accessor!.HttpContext!.RequestAborted;
                sender.Cancel();
                Assert.True(aborted.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
            }
        }

        public void After(in KmsOperation op, KmsError? failure)
        {
        }
    }
}
