using LlmOps.Gateway.Functions;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Functions;

/// <summary>What goes over the wire around calls of the gateway's tools, streamed and not: as it comes, and as it was.</summary>
public sealed class FunctionBytesTests : FunctionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TextGoesOutAsItComes_BeforeTheToolIsDone(bool streaming)
    {
        using var gate = new Gate();
        Tools.With("add", async (_, token) =>
        {
            await gate.Opened.WaitAsync(token);
            return new ToolResult("3", false);
        });
        Script(FakeAnswer.Of(new FakeChoice { Content = ["Let me see."], ToolCalls = [Add(1, 2)] }), FakeAnswer.Text("It is 3."));

        var asking = Gateway.CompleteAsync(Body(Providers.TestedProvider.OpenAI, streaming), streaming);
        if (streaming)
        {
            // The head is there, and with it the text; the tool waits for the gate.
            using var response = await asking;
            await using var body = await response.Content.ReadAsStreamAsync();
            using var reader = new StreamReader(body);
            var line = await reader.ReadLineAsync();
            while (!line!.Contains("Let me see.", StringComparison.Ordinal))
            {
                line = await reader.ReadLineAsync();
            }

            gate.Open();
            (await reader.ReadToEndAsync()).ShouldContain("It is 3.");
        }
        else
        {
            gate.Open();
            using var response = await asking;
            (await response.Content.ReadAsStringAsync()).ShouldContain("Let me see.\\n\\nIt is 3.");
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task WithoutACallOfTheGateways_TheProvidersBytesGoBackUnaltered(bool streaming, bool withCalls)
    {
        Tools.WithSum();
        var said = withCalls
            ? FakeAnswer.Of(new FakeChoice { Content = ["It ", "is."], ToolCalls = [new FakeToolCall("call_1", "get_weather", "{\"city\":", "\"Bern\"}"), new FakeToolCall("call_2", "get_weather", "{}")] })
            : FakeAnswer.Text("It ", "is.");
        var answer = said with { Model = "gpt-4o-mini", Extra = """{"vendor":{"field":[1,2]}}""", ServiceTier = null };
        Script(answer);

        using var response = await Gateway.CompleteAsync(Body(Providers.TestedProvider.OpenAI, streaming, $"\"messages\":[{Hi}],\"tools\":[{Weather}]"), streaming);
        var body = await response.Content.ReadAsStringAsync();

        body.ShouldBe(streaming
            ? string.Concat(FakeOpenAI.Chunks(answer, includeUsage: true).Append("[DONE]").Select(data => $"data: {data}\n\n"))
            : FakeOpenAI.Completion(answer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UnknownFields_SurviveInTheRequestAndInTheRounds(bool streaming)
    {
        Tools.WithSum();
        Script(
            FakeAnswer.Of(new FakeChoice { Reasoning = ["Adding."], MessageExtra = """{"vendor_note":"keep me"}""", ToolCalls = [Add(1, 2)] }),
            FakeAnswer.Text("3."));

        (await AskAsync("openai", streaming, fields: """ "vendor_field":{"x":"Grüße"},"tools":[] """)).Text.ShouldBe("3.");

        foreach (var request in Fake.Requests)
        {
            request.Json.GetProperty("vendor_field").GetProperty("x").GetString().ShouldBe("Grüße");
            request.Json.GetProperty("tools").GetArrayLength().ShouldBe(1);
        }

        var message = Fake.Requests[1].Json.GetProperty("messages")[1];
        message.GetProperty("vendor_note").GetString().ShouldBe("keep me");
        message.GetProperty("reasoning_content").GetString().ShouldBe("Adding.");
        (message.GetProperty("tool_calls")[0].GetProperty("id").GetString(), Fake.Requests[1].Json.GetProperty("messages")[2].GetProperty("tool_call_id").GetString()).ShouldBe(("call_add", "call_add"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SignaturesOfReasoning_GoBackToTheProvider(bool streaming)
    {
        Tools.WithSum();
        Script(
            FakeAnswer.Of(new FakeChoice { Reasoning = ["Adding."], ReasoningSignature = "sig-of-thought", ToolCalls = [Add(1, 2) with { Signature = "sig-of-call" }] }),
            FakeAnswer.Text("3."));

        (await AskAsync("gemini", streaming)).Text.ShouldBe("3.");
        Fake.Requests[1].BodyText.ShouldContain("sig-of-call");

        Script(
            FakeAnswer.Of(new FakeChoice { Reasoning = ["Adding."], ReasoningSignature = "sig-of-thought", ToolCalls = [Add(1, 2)] }),
            FakeAnswer.Text("3."));

        (await AskAsync("anthropic", streaming)).Text.ShouldBe("3.");
        Fake.Requests[3].BodyText.ShouldContain("sig-of-thought");
    }
}
