using System.Text;
using System.Text.Json;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;

namespace LlmOps.Tests.Functions;

/// <summary>Tests of a gateway that has tools of its own, with every provider.</summary>
public abstract class FunctionTests : ProviderTests
{
    /// <summary>A tool of the caller's.</summary>
    private protected const string Weather = """{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}""";

    private protected const string Yes = """{"approved": true}""";
    private protected const string No = """{"approved": false}""";
    private protected const string Hi = """{"role":"user","content":"What is it?"}""";

    protected FunctionTests() => Gateway.WithTools(Tools);

    /// <summary>One provider of each protocol, streaming and not.</summary>
    public static TheoryData<string, bool> ProtocolsAndModes
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var provider in TestedProvider.Protocols)
            {
                data.Add(provider.Name, false);
                data.Add(provider.Name, true);
            }

            return data;
        }
    }

    private protected FakeTools Tools { get; } = new();

    /// <summary>A call of the tool that adds.</summary>
    private protected static FakeToolCall Add(int a, int b, string id = "call_add", string name = "add") => new(id, name, "{\"a\":", $"{a},\"b\":{b}}}");

    /// <summary>The providers answer these, one after the other; the last one for ever.</summary>
    private protected void Script(params FakeAnswer[] answers)
    {
        var asked = -1;
        AnswerAll(_ => answers[Math.Min(Interlocked.Increment(ref asked), answers.Length - 1)]);
    }

    /// <summary>Asks, and reads the answer to its end.</summary>
    private protected async Task<SeenCompletion> AskAsync(
        string provider, bool streaming, string messages = Hi, string? fields = null, GatewayApplication? gateway = null, string? key = null, params (string Name, string Value)[] headers)
    {
        var members = $"\"messages\":[{messages}]{(fields is null ? "" : "," + fields)}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(provider == "offline" ? $$"""{"model":"offline","stream":{{(streaming ? "true" : "false")}},{{members}}}""" : Body(TestedProvider.Named(provider), streaming, members), Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        using var response = await (gateway ?? Gateway).Http.SendAsync(request, streaming ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);
        return await SeenCompletion.OfAsync(response, streaming);
    }

    /// <summary>The caller's part of a conversation: what it was answered, and what it has to say to each call.</summary>
    private protected static string Reply(SeenCompletion answered, params string[] results)
    {
        var calls = string.Join(',', answered.Calls.Select(call => $$$"""{"id":"{{{call.Id}}}","type":"function","function":{"name":"{{{call.Name}}}","arguments":{{{JsonSerializer.Serialize(call.Arguments)}}}}}"""));
        var told = answered.Calls.Zip(results, (call, result) => $$""",{"role":"tool","tool_call_id":"{{call.Id}}","content":{{JsonSerializer.Serialize(result)}}}""");
        return $$"""{{Hi}},{"role":"assistant","content":null,"tool_calls":[{{calls}}]}{{string.Concat(told)}}""";
    }
}
