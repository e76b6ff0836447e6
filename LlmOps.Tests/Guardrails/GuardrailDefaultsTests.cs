using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Guardrails;

/// <summary>What guardrails do where nobody has set anything; over real sockets.</summary>
public sealed class GuardrailDefaultsTests : GuardedTests
{
    [Theory]
    [InlineData("/chat")]
    [InlineData("/chat/stream")]
    public async Task InjectedPrompt_OutsideV1_IsRefused_CostsNothing_AndCallsNobody(string path)
    {
        var refused = await ChatAsync(Attack, path);

        (refused.Status, refused.Code).ShouldBe((400, "CONTENT_POLICY"));
        var error = refused.Json.GetProperty("error");
        error.GetProperty("details").GetProperty("rule").GetString().ShouldBe("prompt_injection");
        error.GetProperty("message").GetString()!.ShouldContain("prompt_injection");
        error.GetProperty("message").GetString()!.ShouldNotContain("reveal");
        Fake.Requests.ShouldBeEmpty();
        Gateway.Logs.Requests.Single().State["CostUsd"]!.ToString().ShouldBe("0");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task InjectedPrompt_UnderV1_IsMonitored(bool streaming)
    {
        var answered = await AskAsync(streaming, Attack);

        (answered.Status, answered.Text, answered.Complete).ShouldBe((200, "The sky is blue.", true));
        Gateway.Logs.Requests.Single().State["Guardrails"].ShouldBe("prompt_injection");
        var rule = (await MetricsAsync()).GetProperty("rules").GetProperty("prompt_injection");
        (rule.GetProperty("monitored").GetInt64(), rule.GetProperty("refused").GetInt64()).ShouldBe((1, 0));
    }

    [Fact]
    public async Task SecretInAPrompt_OutsideV1_IsRefused_AndNotQuoted()
    {
        var refused = await ChatAsync($"Why does {Key} not work?");

        (refused.Status, refused.Code).ShouldBe((400, "CONTENT_POLICY"));
        refused.Json.GetProperty("error").GetProperty("details").GetProperty("rule").GetString().ShouldBe("secret_provider_key");
        refused.Json.GetRawText().ShouldNotContain(Key[8..]);
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task SecretInAnAnswer_OutsideV1_IsRefused()
    {
        Answer = FakeAnswer.Text("The key is ", Key, ".");

        var refused = await ChatAsync("What is it?");

        (refused.Status, refused.Code).ShouldBe((400, "CONTENT_POLICY"));
        refused.Json.GetRawText().ShouldNotContain(Key[8..]);
    }

    [Fact]
    public async Task SecretInAStreamOfText_BreaksItOff_BeforeAnyOfItHasLeft()
    {
        Answer = FakeAnswer.Text("The key is here, as you asked for it in so many words: ", Key[..10], Key[10..], ". Is there anything else?");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat/stream") { Content = new StringContent("""{"model":"gpt-4o","prompt":"What is it?"}""", System.Text.Encoding.UTF8, "application/json") };

        var text = "";
        var broken = false;
        using var response = await Gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        try
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            var buffer = new char[64];
            for (int read; (read = await reader.ReadAsync(buffer)) > 0;)
            {
                text += new string(buffer, 0, read);
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            broken = true;
        }

        text.ShouldNotContain("sk-");
        (broken || (int)response.StatusCode == 400).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PersonalData_AreMonitored_AndPass(bool streaming)
    {
        Answer = FakeAnswer.Text("Write to ", "bob@exam", "ple.org.");

        var answered = await AskAsync(streaming, "I am alice@example.com");

        (answered.Status, answered.Text).ShouldBe((200, "Write to bob@example.org."));
        Received.ShouldBe("I am alice@example.com");
        (await MetricsAsync()).GetProperty("rules").GetProperty("pii_email").GetProperty("monitored").GetInt64().ShouldBe(1);
    }
}
