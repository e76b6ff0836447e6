using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Tests.Docs;
using LlmOps.Tests.Providers;
using LlmOps.Tests.Routing;

namespace LlmOps.Tests.Faults;

/// <summary>
/// Every fault, at every protocol, streamed and not: alone, and with a second target that is well. Each test states what
/// the caller sees and who was called how often, and that nothing is left behind: no call in flight, no connection that
/// still works for nobody.
/// </summary>
public sealed class FaultSuite : TwoTargetTests
{
    public static TheoryData<string, string, bool> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, bool>();
            foreach (var fault in FaultTable.All)
            {
                foreach (var protocol in TestedProvider.Protocols)
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

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task WithASecondTarget(string faultName, string protocol, bool streaming)
    {
        using var gate = new Gate();
        var fault = Prepare(faultName, protocol, streaming, gate);

        using var response = await AskAsync(streaming);
        gate.Open();

        if (fault.AfterContent)
        {
            await IsBrokenAsync(fault, response);
        }
        else if (fault.FailsOver)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            var text = await response.Content.ReadAsStringAsync();
            text.ShouldContain(streaming ? "[DONE]" : "Hello");
            Attempts(response).ShouldBe(fault.Tries + 1);
            response.Headers.GetValues("X-LlmOps-Provider").Single().ShouldBe("second");
        }
        else
        {
            await IsToldAsync(fault, response, fault.Tries);
        }

        Second.Requests.Count.ShouldBe(fault is { FailsOver: true, AfterContent: false } ? 1 : 0);
        await NothingIsLeftAsync(fault, fault.Tries);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Alone(string faultName, string protocol, bool streaming)
    {
        using var gate = new Gate();
        var fault = Prepare(faultName, protocol, streaming, gate);

        using var response = await Gateway.CompleteAsync(Request(streaming, "alone"), streaming);
        gate.Open();

        if (fault.AfterContent)
        {
            await IsBrokenAsync(fault, response);
        }
        else
        {
            await IsToldAsync(fault, response, fault.TriesAlone);
        }

        Second.Requests.ShouldBeEmpty();
        await NothingIsLeftAsync(fault, fault.TriesAlone);
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
            table.Append(CultureInfo.InvariantCulture, $"| {fault.Name} | {(fault.Modes == FaultModes.Both ? "both" : fault.Modes == FaultModes.Whole ? "whole" : "streamed")} | {Tries(fault)} | {then} | {string.Join(", ", fault.Codes.Select(code => $"`{code}`"))} |\n");
        }

        GeneratedDocs.Verify("faults.md", "faults", table.ToString());
    }

    private static string Tries(Fault fault) => fault.TriesAlone == fault.Tries ? $"{fault.Tries}×" : $"{fault.Tries}× ({fault.TriesAlone}× alone)";

    private static int Attempts(HttpResponseMessage response) =>
        int.Parse(response.Headers.GetValues("X-LlmOps-Attempts").Single(), CultureInfo.InvariantCulture);

    private Fault Prepare(string faultName, string protocol, bool streaming, Gate gate)
    {
        var fault = FaultTable.Named(faultName);
        var provider = TestedProvider.Named(protocol);
        Gateway.With("Gateway:Routing:TriesPerTarget", "2");
        FirstIs(provider, fault.Address?.Invoke(First.BaseAddress) ?? First.BaseAddress);
        if (fault is { Tries: 1, Codes: ["provider_timeout"] })
        {
            // These are waited for, so they are short; but the second target must answer within them on a busy machine.
            ShortLimits("1s", "2s");
        }

        if (fault.Rest is { } rest)
        {
            First.Handler = _ => rest(provider, provider.Begun().ThenWaitFor(gate.Opened));
        }
        else if (fault.Reply is { } reply)
        {
            First.Handler = _ => reply(provider, streaming);
        }

        return fault;
    }

    private void ShortLimits(string phase, string total) => Gateway
        .With("Gateway:Routing:HeaderTimeout", phase)
        .With("Gateway:Routing:FirstChunkTimeout", phase)
        .With("Gateway:Routing:InterChunkTimeout", phase)
        .With("Gateway:Routing:TotalTimeout", total);

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

    private static async Task IsToldAsync(Fault fault, HttpResponseMessage response, int tries)
    {
        var text = await response.Content.ReadAsStringAsync();
        var code = JsonElement.Parse(text).GetProperty("error").GetProperty("code").GetString();
        code.ShouldBeOneOf(fault.Codes, text);
        var expected = ErrorCode.All.SingleOrDefault(error => error.Code == fault.Codes[0])!.Status;
        ((int)response.StatusCode).ShouldBe(fault.Codes.Length > 1 && code == "provider_overloaded" ? 503 : expected);
        Attempts(response).ShouldBe(tries);
    }

    // One line that tells how it ended, no call in flight, and no connection on which a provider still works for nobody.
    private async Task NothingIsLeftAsync(Fault fault, int tries)
    {
        var outcome = (string)(await Gateway.Logs.RequestAsync()).State["Outcome"]!;
        if (fault.AfterContent)
        {
            outcome.ShouldBeOneOf(fault.Codes);
        }

        Gateway.Logs.Requests.Count().ShouldBe(1);
        CallsInFlight.ShouldBe(0);
        if (fault.Reply is not null && fault.Address is null)
        {
            First.Requests.Count.ShouldBe(tries);
        }

        if (fault.Codes.Contains("provider_timeout") && fault.Tries == 1)
        {
            await First.WaitForAsync(() => First.OpenConnections == 0);
        }
    }
}
