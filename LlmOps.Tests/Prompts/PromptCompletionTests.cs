using System.Net;
using System.Text.Json;
using LlmOps.Tests.Access.Users;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Prompts;

/// <summary>POST /v1/chat/completions with prompt:NAME in the place of a model.</summary>
public sealed class PromptCompletionTests : PromptGatewayTests
{
    public PromptCompletionTests()
    {
        Write("letter/v1.yaml", "name: letter\nversion: v1\nmodel: gpt-4o\nparameters: { temperature: 0.25, max_tokens: 99 }\nsystem: You write.\nuser: To {{to}}\n");
        Write("letter/v2.yaml", "name: letter\nversion: v2\nmodel: gpt-4o\nsystem: You write well.\nuser: To {{to}}\n");
        Write("letter/labels.yaml", "production: v1\nstaging: v2\n");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prompt_StandsForAModel(bool streaming)
    {
        using var response = await Gateway.CompleteAsync($$$"""{"model":"prompt:letter","metadata":{"to":"Ada"},"stream":{{{(streaming ? "true" : "false")}}},"own_field":{"a":[1]}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        response.Headers.GetValues("X-LlmOps-Prompt").ShouldBe(["letter@v1"]);
        var sent = Fake.Requests.Single().Json;
        sent.GetProperty("model").GetString().ShouldBe("gpt-4o");
        sent.GetProperty("messages").GetRawText().ShouldBe("""[{"role":"system","content":"You write."},{"role":"user","content":"To Ada"}]""");
        sent.GetProperty("own_field").GetRawText().ShouldBe("""{"a":[1]}""", "fields that nobody knows survive");
        (sent.GetProperty("temperature").GetSingle(), sent.GetProperty("max_tokens").GetInt32()).ShouldBe((0.25f, 99));
        sent.TryGetProperty("metadata", out _).ShouldBeFalse();
        if (streaming)
        {
            var stream = await SseText.ReadAsync(response);
            (stream.Text, stream.Done).ShouldBe(("Hello there", true));
        }
        else
        {
            (await response.JsonAsync()).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe("Hello there");
        }
    }

    [Theory]
    [InlineData("prompt:letter", "v1")]
    [InlineData("prompt:letter@v2", "v2")]
    [InlineData("prompt:letter@v1", "v1")]
    [InlineData("prompt:letter@staging", "v2")]
    public async Task VersionOrLabel_IsChosen(string model, string version)
    {
        using var response = await Gateway.CompleteAsync($$$"""{"model":"{{{model}}}","metadata":{"to":"Ada"}}""");

        response.Headers.GetValues("X-LlmOps-Prompt").ShouldBe([$"letter@{version}"]);
    }

    [Fact]
    public async Task CallersMessagesAndParameters_ComeAfterAndBeforeThoseOfThePrompt()
    {
        using var response = await Gateway.CompleteAsync(
            """{"model":"prompt:letter","metadata":{"to":"Ada"},"temperature":1.5,"max_completion_tokens":5,"messages":[{"role":"assistant","content":"Dear Ada"},{"role":"user","content":"Go on","name":"bob"}]}""");

        var sent = Fake.Requests.Single().Json;
        sent.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()).ShouldBe(["You write.", "To Ada", "Dear Ada", "Go on"]);
        sent.GetProperty("messages")[3].GetProperty("name").GetString().ShouldBe("bob");
        (sent.GetProperty("temperature").GetSingle(), sent.GetProperty("max_completion_tokens").GetInt32(), sent.TryGetProperty("max_tokens", out _)).ShouldBe((1.5f, 5, false));
    }

    [Fact]
    public async Task NullParameter_IsAsNone()
    {
        using var response = await Gateway.CompleteAsync("""{"model":"prompt:letter","metadata":{"to":"Ada"},"temperature":null,"max_completion_tokens":null,"messages":null}""");

        var sent = Fake.Requests.Single().Json;
        (sent.GetProperty("temperature").GetSingle(), sent.GetProperty("max_tokens").GetInt32()).ShouldBe((0.25f, 99));
    }

    [Theory]
    [InlineData("""{"model":"prompt:letter"}""", "missing_required_parameter", "metadata.to")]
    [InlineData("""{"model":"prompt:letter","metadata":{"to":"a","by":"b"}}""", "invalid_value", "metadata.by")]
    [InlineData("""{"model":"prompt:letter","metadata":"a"}""", "invalid_value", "metadata")]
    [InlineData("""{"model":"prompt:letter","metadata":{"to":"a"},"messages":[{"role":"nobody","content":"x"}]}""", "invalid_value", "messages[0].role")]
    [InlineData("""{"model":"prompt:letter","metadata":{"to":"a"},"temperature":3}""", "invalid_value", "temperature")]
    [InlineData("""{"model":"prompt:letter@v3","metadata":{"to":"a"}}""", "not_found", "version")]
    [InlineData("""{"model":"prompt:letter@beta","metadata":{"to":"a"}}""", "not_found", "label")]
    [InlineData("""{"model":"prompt:nobody","metadata":{"to":"a"}}""", "prompt_not_found", "prompt")]
    [InlineData("""{"model":"prompt:","metadata":{"to":"a"}}""", "prompt_not_found", "prompt")]
    public async Task BadInput_IsRefusedAndNamed(string body, string code, string field)
    {
        using var response = await Gateway.CompleteAsync(body);

        var error = (await response.JsonAsync()).GetProperty("error");
        (error.GetProperty("code").GetString(), error.GetProperty("param").GetString()).ShouldBe((code, field), error.GetRawText());
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task TextThatLooksLikeAPrompt_InAMessage_IsLeftAlone()
    {
        using var response = await Gateway.CompleteAsync("""{"model":"gpt-4o","metadata":{"a":"b"},"messages":[{"role":"user","content":"prompt:letter"}],"extra":"prompt:letter"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sent = Fake.Requests.Single().Json;
        (sent.GetProperty("messages").GetArrayLength(), sent.GetProperty("metadata").ValueKind, sent.GetProperty("extra").GetString()).ShouldBe((1, JsonValueKind.Object, "prompt:letter"));
    }

    [Fact]
    public async Task FailureOfTheProvider_StillTellsThePrompt()
    {
        Fake.Enqueue(FakeOpenAI.Error(500, "no"));

        using var response = await Gateway.CompleteAsync("""{"model":"prompt:letter","metadata":{"to":"Ada"}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        response.Headers.GetValues("X-LlmOps-Prompt").ShouldBe(["letter@v1"]);
    }
}
