using System.Net;
using System.Text;
using LlmOps.Tests.Access;
using LlmOps.Tests.Access.Users;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Endpoints;

/// <summary>POST /llm/generate: as /chat, always with a credential, with temperatures up to 1.</summary>
public sealed class GenerateTests : GatewayTests
{
    private const string Asked = """{"model":"gpt-4o","prompt":"Hi"}""";

    public GenerateTests() => Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text("Hello", " there") with { Usage = new FakeUsage(7, 2) });

    [Fact]
    public async Task Answer_IsAsThatOfChat()
    {
        using var chat = await Gateway.PostAsync("/chat", Asked);
        using var response = await SendAsync("""{"model":"gpt-4o","prompt":"Ho","temperature":0.1,"max_tokens":150}""");
        using var same = await SendAsync(Asked);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var reply = await response.JsonAsync();
        reply.EnumerateObject().Select(field => field.Name).ShouldBe((await chat.JsonAsync()).EnumerateObject().Select(field => field.Name));
        (reply.GetProperty("response").GetString(), reply.GetProperty("tokens_used").GetInt32()).ShouldBe(("Hello there", 9));
        Fake.Requests[1].Json.GetRawText().ShouldBe("""{"model":"gpt-4o","messages":[{"role":"user","content":"Ho"}],"temperature":0.1,"max_tokens":150}""");
        same.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("hit-memory", "the administrator and everyone in open mode are of one tenant");
    }

    [Fact]
    public async Task WithoutACredential_IsRefusedAlsoInOpenMode()
    {
        Gateway.With("Gateway:Access:Mode", "Open");

        using var response = await Gateway.PostAsync("/llm/generate", Asked);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.OK)]
    [InlineData("application/json; charset=utf-8", HttpStatusCode.OK)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task BodyAsCurlSendsIt_IsTakenHereAlone(string? type, HttpStatusCode expected)
    {
        using var response = await SendAsync(Asked, type);
        using var elsewhere = await SendAsync("""{"prompt":"Hi"}""", type, "/chat");

        response.StatusCode.ShouldBe(expected);
        elsewhere.StatusCode.ShouldBe(type?.StartsWith("application/json", StringComparison.Ordinal) == true ? HttpStatusCode.OK : HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("""{"prompt":"x"}""", "model", "MISSING_REQUIRED_PARAMETER")]
    [InlineData("""{"model":"gpt-4o"}""", "prompt", "MISSING_REQUIRED_PARAMETER")]
    [InlineData("""{"model":"gpt-4o","prompt":""}""", "prompt", "INVALID_VALUE")]
    [InlineData("""{"model":"gpt-4o","prompt":"x","temperature":1.01}""", "temperature", "INVALID_VALUE")]
    [InlineData("""{"model":"gpt-4o","prompt":"x","system":"x"}""", "system", "UNSUPPORTED_PARAMETER")]
    public async Task BadInput_IsToldWithItsField(string body, string field, string code)
    {
        using var response = await SendAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await response.JsonAsync()).GetProperty("error");
        (error.GetProperty("field").GetString(), error.GetProperty("error_code").GetString()).ShouldBe((field, code));
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task ForAKeyOfAUser_ItAnswers()
    {
        var (_, key) = await Gateway.CreateKeyAsync("""{"name":"ci"}""");

        using var response = await Gateway.SendAsync("POST", "/llm/generate", key, Asked);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> SendAsync(string json, string? type = "application/json", string path = "/llm/generate")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) };
        request.Headers.Authorization = new("Bearer", GatewayApplication.AdministratorKey);
        request.Content.Headers.ContentType = type is null ? null : System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        return await Gateway.Http.SendAsync(request);
    }
}
