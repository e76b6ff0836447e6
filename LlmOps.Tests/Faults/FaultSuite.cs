using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Tests.Docs;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Faults;

/// <summary>
/// Every fault, at every protocol, streamed and not: alone, and with a second target that is well. Each test states what
/// the caller sees and who was called how often, and that nothing is left behind: no call in flight, no connection that
/// still works for nobody.
/// </summary>
public sealed class FaultSuite : IAsyncLifetime
{
    private static readonly TestedProvider[] Protocols = [TestedProvider.OpenAI, TestedProvider.Gemini, TestedProvider.Anthropic, TestedProvider.Ollama];

    private readonly FakeServer _first = new();
    private readonly FakeServer _second = new(FakeOpenAI.Handler(_ => FakeAnswer.Text("sec", "ond"), "sk-second"));
    private readonly GatewayApplication _gateway = new();

    public static TheoryData<string, string, bool> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, bool>();
            foreach (var fault in FaultTable.All)
            {
                foreach (var protocol in Protocols)
                {
                    if (fault.Modes.HasFlag(FaultModes.Whole))
                    {
                        rows.Add(fault.Name, protocol.Name, false);
                    }

                    if (fault.Modes.HasFlag(FaultModes.Streamed))
                    {
                        rows.Add(fault.Name, protocol.Name, true);
                    }
                }
            }

            return rows;
        }
    }

    public static TheoryData<string, bool> ProtocolsAndModes
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var protocol in Protocols)
            {
                data.Add(protocol.Name, false);
                data.Add(protocol.Name, true);
            }

            return data;
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task WithASecondTarget(string faultName, string protocol, bool streaming)
    {
        using var gate = new Gate();
        var fault = Prepare(faultName, protocol, streaming, gate);

        using var response = await AskAsync("chain", streaming);
        gate.Open();

        if (fault.AfterContent)
        {
            await IsBrokenAsync(fault, response);
        }
        else if (fault.FailsOver)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            var text = await response.Content.ReadAsStringAsync();
            text.ShouldContain(streaming ? "[DONE]" : "second");
            Attempts(response).ShouldBe(fault.Tries + 1);
            response.Headers.GetValues("X-LlmOps-Provider").Single().ShouldBe("second");
        }
        else
        {
            await IsToldAsync(fault, response);
        }

        _second.Requests.Count.ShouldBe(fault is { FailsOver: true, AfterContent: false } ? 1 : 0);
        await NothingIsLeftAsync(fault);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Alone(string faultName, string protocol, bool streaming)
    {
        using var gate = new Gate();
        var fault = Prepare(faultName, protocol, streaming, gate);

        using var response = await AskAsync("alone", streaming);
        gate.Open();

        if (fault.AfterContent)
        {
            await IsBrokenAsync(fault, response);
        }
        else
        {
            await IsToldAsync(fault, response);
        }

        _second.Requests.ShouldBeEmpty();
        await NothingIsLeftAsync(fault);
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task CallerGoneWhileWaiting(string protocol, bool streaming)
    {
        Prepare(TestedProvider.Named(protocol), _first.BaseAddress);
        _first.Handler = _ => FakeReply.Silence();

        await LeaveAsync("chain", streaming, async () => await (await _first.NextRequestAsync()).ConnectionClosed.WithinDeadlineAsync("the provider's connection to be closed"), leaveFirst: true);

        (_first.Requests.Count, _second.Requests.Count).ShouldBe((1, 0));
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task CallerGoneBetweenAttempts(string protocol, bool streaming)
    {
        var provider = TestedProvider.Named(protocol);
        Prepare(provider, _first.BaseAddress);
        _first.Handler = _ => provider.Error(503, "Busy").Header("Retry-After", "8");

        // Nobody else could serve, so the asked time is waited for; the caller does not.
        await LeaveAsync("alone", streaming, () => _gateway.Logs.RequestAsync(), leaveFirst: true);

        (_first.Requests.Count, _second.Requests.Count).ShouldBe((1, 0));
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task CallerGoneWhileStreaming(string protocol, bool streaming)
    {
        // What is not streamed has no middle; there, the caller leaves while the body comes.
        var provider = TestedProvider.Named(protocol);
        Prepare(provider, _first.BaseAddress);
        _first.Handler = _ => streaming ? provider.Begun().ThenSilence() : FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece("{").ThenSilence();
        using var caller = new CancellationTokenSource();
        var answer = _gateway.CompleteAsync(Body("chain", streaming), streaming, caller.Token);
        var received = await _first.NextRequestAsync();
        if (streaming)
        {
            (await answer).Dispose();
        }
        else
        {
            await caller.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => answer);
        }

        await received.ConnectionClosed.WithinDeadlineAsync("the provider's connection to be closed");
        (await _gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
        _second.Requests.ShouldBeEmpty();
        NothingInFlight();
    }

    [Fact]
    public void Documentation_HasTheTable()
    {
        var table = new StringBuilder("| the provider … | answers | it is called | then | the caller is told, where nobody stands in |\n|---|---|---:|---|---|\n");
        foreach (var fault in FaultTable.All)
        {
            var then = fault switch
            {
                { AfterContent: true } => "error event, no `[DONE]`, connection broken off",
                { FailsOver: true } => "next target",
                _ => "told to the caller at once",
            };
            table.Append(CultureInfo.InvariantCulture, $"| {fault.Name} | {(fault.Modes == FaultModes.Both ? "both" : fault.Modes == FaultModes.Whole ? "whole" : "streamed")} | {fault.Tries}× | {then} | {string.Join(", ", fault.Codes.Select(code => $"`{code}`"))} |\n");
        }

        GeneratedDocs.Verify("faults.md", "faults", table.ToString());
    }

    private static string Body(string model, bool streaming) =>
        $$"""{"model":"{{model}}","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""";

    private static int Attempts(HttpResponseMessage response) =>
        int.Parse(response.Headers.GetValues("X-LlmOps-Attempts").Single(), CultureInfo.InvariantCulture);

    private Fault Prepare(string faultName, string protocol, bool streaming, Gate gate)
    {
        var fault = FaultTable.Named(faultName);
        var provider = TestedProvider.Named(protocol);
        Prepare(provider, fault.Address?.Invoke(_first.BaseAddress) ?? _first.BaseAddress);
        if (fault is { Tries: 1, Codes: ["provider_timeout"] })
        {
            // These are waited for, so they are short; but the second target must answer within them on a busy machine.
            ShortLimits("1s", "2s");
        }

        if (fault.Rest is { } rest)
        {
            _first.Handler = _ => rest(provider, provider.Begun().ThenWaitFor(gate.Opened));
        }
        else if (fault.Reply is { } reply)
        {
            _first.Handler = _ => reply(provider, streaming);
        }

        return fault;
    }

    private void Prepare(TestedProvider provider, Uri address)
    {
        var model = provider.Model.Split('/')[^1];
        _gateway
            .With("Gateway:Routing:MaxAttempts", "6")
            .With("Gateway:Routing:TriesPerTarget", "2")
            .With("Gateway:Routing:Backoff", "1ms")
            .With("Gateway:Routing:KeyCooldown", "1h")
            .With("Gateway:Providers:first:Type", provider.Name)
            .With("Gateway:Providers:first:BaseUrl", new Uri(address, provider.BasePath).ToString())
            .With("Gateway:Providers:first:ApiKey", GatewayApplication.ProviderKey)
            .With("Gateway:Providers:second:Type", "openai")
            .With("Gateway:Providers:second:BaseUrl", new Uri(_second.BaseAddress, "v1").ToString())
            .With("Gateway:Providers:second:ApiKey", "sk-second")
            .With("Gateway:Models:alone:Targets:0:Provider", "first")
            .With("Gateway:Models:alone:Targets:0:Model", model)
            .With("Gateway:Models:chain:Targets:0:Provider", "first")
            .With("Gateway:Models:chain:Targets:0:Model", model)
            .With("Gateway:Models:chain:Targets:1:Provider", "second")
            .With("Gateway:Models:chain:Targets:1:Model", "gpt-4o");
    }

    private void ShortLimits(string phase, string total) => _gateway
        .With("Gateway:Routing:HeaderTimeout", phase)
        .With("Gateway:Routing:FirstChunkTimeout", phase)
        .With("Gateway:Routing:InterChunkTimeout", phase)
        .With("Gateway:Routing:TotalTimeout", total);

    private Task<HttpResponseMessage> AskAsync(string model, bool streaming) => _gateway.CompleteAsync(Body(model, streaming), streaming);

    private async Task LeaveAsync(string model, bool streaming, Func<Task> sees, bool leaveFirst)
    {
        using var caller = new CancellationTokenSource();
        var answer = _gateway.CompleteAsync(Body(model, streaming), streaming, caller.Token);
        await _first.WaitForAsync(() => _first.Requests.Count == 1);
        if (leaveFirst)
        {
            await caller.CancelAsync();
        }

        await sees();
        await Should.ThrowAsync<OperationCanceledException>(() => answer);
        (await _gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
        NothingInFlight();
    }

    private static async Task IsBrokenAsync(Fault fault, HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one ");
        stream.Done.ShouldBeFalse();
        stream.Broken.ShouldBeTrue();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBeOneOf(fault.Codes);
        stream.Chunks.Where(chunk => chunk.TryGetProperty("choices", out _))
            .ShouldAllBe(chunk => chunk.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind == JsonValueKind.Null);
    }

    private static async Task IsToldAsync(Fault fault, HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var code = JsonElement.Parse(text).GetProperty("error").GetProperty("code").GetString();
        code.ShouldBeOneOf(fault.Codes, text);
        var expected = ErrorCode.All.SingleOrDefault(error => error.Code == fault.Codes[0])!.Status;
        ((int)response.StatusCode).ShouldBe(fault.Codes.Length > 1 && code == "provider_overloaded" ? 503 : expected);
        Attempts(response).ShouldBe(fault.Tries);
    }

    // One line that tells how it ended, no call in flight, and no connection on which a provider still works for nobody.
    private async Task NothingIsLeftAsync(Fault fault)
    {
        var outcome = (string)(await _gateway.Logs.RequestAsync()).State["Outcome"]!;
        if (fault.AfterContent)
        {
            outcome.ShouldBeOneOf(fault.Codes);
        }

        _gateway.Logs.Requests.Count().ShouldBe(1);
        NothingInFlight();
        if (fault.Reply is not null && fault.Address is null)
        {
            _first.Requests.Count.ShouldBe(fault.Tries);
        }

        if (fault.Codes.Contains("provider_timeout") && fault.Tries == 1)
        {
            await _first.WaitForAsync(() => _first.OpenConnections == 0);
        }
    }

    private void NothingInFlight()
    {
        var models = _gateway.Services.GetRequiredService<GatewayConfiguration>().Current.Models;
        foreach (var target in models.Live.SelectMany(model => model.Route.Targets))
        {
            target.State.InFlight.ShouldBe(0);
        }
    }
}
