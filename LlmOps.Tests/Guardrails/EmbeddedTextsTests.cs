using System.Net;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Guardrails;

/// <summary>What goes in to models that embed; over real sockets.</summary>
public sealed class EmbeddedTextsTests : GatewayTests
{
    [Theory]
    [InlineData("\"I am alice@example.com\"", "\"I am [EMAIL_1]\"")]
    [InlineData("[\"I am alice@example.com\",\"So do I\"]", "[\"I am [EMAIL_1]\",\"So do I\"]")]
    public async Task PersonalData_AreMasked(string input, string sent)
    {
        Gateway.With("Gateway:Guardrails:PersonalData", "Enforce").With("Gateway:Guardrails:PersonalDataAction", "Mask");
        Fake.Handler = FakeOpenAIEmbeddings.Handler(new FakeVectors(), extra: "vendor");

        using var response = await Gateway.PostAsync("/v1/embeddings", $$"""{"model":"openai/text-embedding-3-small","input":{{input}},"vendor":1}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Fake.Requests.Single().Json.GetProperty("input").GetRawText().ShouldBe(sent);
        Fake.Requests.Single().Json.GetProperty("vendor").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task BlockedWord_IsRefused_AndNobodyIsCalled()
    {
        Gateway.With("Gateway:Guardrails:BlockedWordList", "falcon");

        using var response = await Gateway.PostAsync("/v1/embeddings", """{"model":"openai/text-embedding-3-small","input":["a Falcon"]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Fake.Requests.ShouldBeEmpty();
    }
}
