using System.Net;
using System.Text;
using System.Text.Json;

namespace LlmOps.Tests.Endpoints;

/// <summary>Bad input is a 400 that names the field and what was expected, and reaches no provider.</summary>
public sealed class BadInputTests : GatewayTests
{
    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "model", "missing_required_parameter")]
    [InlineData("""{"model":7,"messages":[{"role":"user","content":"x"}]}""", "model", "invalid_value")]
    [InlineData("""{"model":"","messages":[{"role":"user","content":"x"}]}""", "model", "invalid_value")]
    [InlineData("""{"model":"gpt-4o"}""", "messages", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":null}""", "messages", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":"x"}""", "messages", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[]}""", "messages", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":["x"]}""", "messages[0]", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"content":"x"}]}""", "messages[0].role", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"wizard","content":"x"}]}""", "messages[0].role", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":1,"content":"x"}]}""", "messages[0].role", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user"}]}""", "messages[0].content", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":7}]}""", "messages[0].content", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[]}]}""", "messages[0].content", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"hologram"}]}]}""", "messages[0].content[0].type", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[{"text":"x"}]}]}""", "messages[0].content[0].type", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"\ud800"}]}]}""", "messages[0].content[0].text", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"ftp://x/y.png"}}]}]}""", "messages[0].content[0].image_url.url", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:nonsense"}}]}]}""", "messages[0].content[0].image_url.url", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"assistant"}]}""", "messages[0].content", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"tool","tool_call_id":"call_1","content":"x"}]}""", "messages[0].tool_call_id", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"},{"role":"tool","content":"x"}]}""", "messages[1].tool_call_id", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f"}}]}]}""", "messages[0].tool_calls[0].function.arguments", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"temperature":3}""", "temperature", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"temperature":"hot"}""", "temperature", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"top_p":-0.1}""", "top_p", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "max_tokens", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"max_tokens":1.5}""", "max_tokens", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"max_completion_tokens":-1}""", "max_completion_tokens", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"n":0}""", "n", "invalid_value")]
    [InlineData("""{"model":"offline","messages":[{"role":"user","content":"x"}],"n":2}""", "n", "unsupported_parameter")]
    [InlineData("""{"model":"offline","messages":[{"role":"user","content":"x"}],"logprobs":true}""", "logprobs", "unsupported_parameter")]
    [InlineData("""{"model":"offline","messages":[{"role":"user","content":"x"}],"vendor_field":{"a":1}}""", "vendor_field", "unsupported_parameter")]
    [InlineData("""{"model":"offline","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]}""", "messages[0].content[0]", "unsupported_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stream":"yes"}""", "stream", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}""", "stream_options", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stop":7}""", "stop", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stop":["a",7]}""", "stop[1]", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"seed":"x"}""", "seed", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":{}}""", "tools", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}""", "tools[0].function", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":7}}]}""", "tools[0].function.parameters", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tool_choice":"maybe"}""", "tool_choice", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"xml"}}""", "response_format.type", "invalid_value")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema"}}""", "response_format.json_schema", "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","Model":"gpt-9","messages":[{"role":"user","content":"x"}]}""", "Model", "unsupported_parameter")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"STREAM":true}""", "STREAM", "unsupported_parameter")]
    [InlineData("""{"model":"offline","model":"gpt-4o","messages":[]}""", null, "invalid_json")]
    [InlineData("""{"\ud800":1}""", null, "invalid_json")]
    [InlineData("""["not an object"]""", null, "invalid_json")]
    [InlineData("""{"model":"offline",""", null, "invalid_json")]
    [InlineData("", null, "invalid_json")]
    public async Task ChatCompletion_NamesTheField(string body, string? param, string code)
    {
        using var response = await Gateway.CompleteAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await ReadAsync(response)).GetProperty("error");
        error.GetProperty("param").GetString().ShouldBe(param);
        error.GetProperty("code").GetString().ShouldBe(code);
        error.GetProperty("type").GetString().ShouldBe("invalid_request_error");
        error.GetProperty("message").GetString()!.ShouldContain(param ?? "", Case.Sensitive);
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/chat", "{}", "prompt", "MISSING_REQUIRED_PARAMETER")]
    [InlineData("/chat", """{"prompt":""}""", "prompt", "INVALID_VALUE")]
    [InlineData("/chat", """{"prompt":" \n"}""", "prompt", "INVALID_VALUE")]
    [InlineData("/chat", """{"prompt":["x"]}""", "prompt", "INVALID_VALUE")]
    [InlineData("/chat", """{"prompt":"x","temperature":2.1}""", "temperature", "INVALID_VALUE")]
    [InlineData("/chat", """{"prompt":"x","max_tokens":0}""", "max_tokens", "INVALID_VALUE")]
    [InlineData("/chat", """{"prompt":"x","context":7}""", "context", "INVALID_VALUE")]
    [InlineData("/chat", """{"prompt":"x","temprature":1}""", "temprature", "UNSUPPORTED_PARAMETER")]
    [InlineData("/chat/stream", """{"prompt":"x","model":7}""", "model", "INVALID_VALUE")]
    [InlineData("/chat/stream", "not json", null, "INVALID_JSON")]
    public async Task Chat_NamesTheField(string path, string body, string? field, string code)
    {
        using var response = await Gateway.PostAsync(path, body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var reply = await ReadAsync(response);
        reply.GetProperty("success").GetBoolean().ShouldBeFalse();
        reply.GetProperty("request_id").GetString().ShouldBe(response.Headers.GetValues("X-Request-ID").Single());
        reply.GetProperty("error").GetProperty("field").GetString().ShouldBe(field);
        reply.GetProperty("error").GetProperty("error_code").GetString().ShouldBe(code);
    }

    [Fact]
    public async Task DeepNesting_IsRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100_000)) + string.Concat(Enumerable.Repeat("]", 100_000));

        using var response = await Gateway.CompleteAsync($$"""{"model":"offline","messages":[{"role":"user","content":"x"}],"metadata":{{deep}}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ReadAsync(response)).GetProperty("error").GetProperty("code").GetString().ShouldBe("invalid_json");
    }

    [Fact]
    public async Task InvalidUtf8_IsRefused()
    {
        byte[] body = [.. "{\"model\":\"offline\",\"messages\":[{\"role\":\"user\",\"content\":\""u8, 0xC3, 0x28, .. "\"}]}"u8];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");

        using var response = await Gateway.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ReadAsync(response)).GetProperty("error").GetProperty("message").GetString()!.ShouldContain("UTF-8");
    }

    [Theory]
    [InlineData("gpt4o-mni", "gpt-4o-mini")]
    [InlineData("offlin", "offline")]
    [InlineData("OFFLINE-2", "offline")]
    public async Task UnknownModel_Is404AndNamesNearOnes(string model, string near)
    {
        using var response = await Gateway.CompleteAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var error = (await ReadAsync(response)).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("model_not_found");
        error.GetProperty("param").GetString().ShouldBe("model");
        error.GetProperty("message").GetString()!.ShouldContain(near);
    }

    [Theory]
    [InlineData("openai/gpt-4ö")]
    [InlineData("openai/a\\nb")]
    [InlineData("gpt-4o ")]
    public async Task ModelThatCannotStandInAHeader_Is404AndReachesNoProvider(string model)
    {
        using var response = await Gateway.CompleteAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Fake.Requests.ShouldBeEmpty();
        (await Gateway.Logs.RequestAsync()).Message.ShouldNotContain("\n");
    }

    [Fact]
    public async Task LongNames_AreShortenedInLogAndAnswer()
    {
        var name = new string('n', 1_000_000);

        using var model = await Gateway.CompleteAsync($$"""{"model":"{{name}}","messages":[{"role":"user","content":"x"}]}""");
        using var field = await Gateway.PostAsync("/chat", $$"""{"prompt":"x","{{name}}":1}""");

        (await model.Content.ReadAsStringAsync()).Length.ShouldBeLessThan(1000);
        (await field.Content.ReadAsStringAsync()).Length.ShouldBeLessThan(1000);
        Gateway.Logs.All.ShouldAllBe(log => log.Message.Length < 2000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BodyOverTheLimit_Is413(bool chunked)
    {
        var body = $$"""{"model":"offline","messages":[{"role":"user","content":"{{new string('x', 5 * 1024 * 1024)}}"}]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;

        using var response = await Gateway.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await ReadAsync(response)).GetProperty("error").GetProperty("code").GetString().ShouldBe("request_too_large");
    }

    [Fact]
    public async Task BodyOverTheLimit_IsAnsweredEvenIfTheClientSendsAllOfItFirst()
    {
        const int Length = 8 * 1024 * 1024;
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(Gateway.Address.Host, Gateway.Address.Port);
        await using var stream = socket.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Length}\r\n\r\n"));
        await stream.WriteAsync(new byte[Length]);

        using var reader = new StreamReader(stream);
        (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 413 Payload Too Large");
    }

    [Fact]
    public async Task EncodedBody_Is415()
    {
        using var content = new ByteArrayContent([0x1f, 0x8b, 8]);
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");

        using var response = await Gateway.Http.PostAsync("/chat", content);

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await response.Content.ReadAsStringAsync()).ShouldContain("gzip");
    }

    [Fact]
    public async Task ByteOrderMark_IsPassedOver()
    {
        using var content = new ByteArrayContent([.. "\uFEFF"u8, .. "{\"model\":\"offline\",\"prompt\":\"What is 2+2?\"}"u8]);
        content.Headers.ContentType = new("application/json");

        using var response = await Gateway.Http.PostAsync("/chat", content);

        (await response.Content.ReadAsStringAsync()).ShouldContain("2 + 2 = 4");
    }

    [Fact]
    public async Task AnotherContentType_Is415()
    {
        using var response = await Gateway.Http.PostAsync("/chat", new StringContent("""{"prompt":"x"}""", Encoding.UTF8, "text/plain"));

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task WrongMethod_Is405()
    {
        using var response = await Gateway.Http.GetAsync("/v1/chat/completions");

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await ReadAsync(response)).GetProperty("error").GetProperty("message").GetString()!.ShouldContain("POST");
    }

    [Fact]
    public async Task RefusedRequest_IsLoggedWithoutItsContent()
    {
        using var response = await Gateway.CompleteAsync("""{"model":"offline","messages":"my deepest secret"}""");

        var line = await Gateway.Logs.RequestAsync();
        line.State["Outcome"].ShouldBe("invalid_value");
        Gateway.Logs.All.ShouldAllBe(log => !log.Message.Contains("deepest"));
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());
}
