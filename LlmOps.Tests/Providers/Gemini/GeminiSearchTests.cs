using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Gemini;

/// <summary>Sources of a search, and of what a model recites, become annotations that count characters, not bytes.</summary>
public sealed class GeminiSearchTests : GeminiTests
{
    // "Zürich 🎉 " has 13 bytes and 9 characters, "grows." follows.
    private const string Grounding = """
        "groundingMetadata":{"webSearchQueries":["zürich"],"groundingChunks":[{"web":{"uri":"https://a.example/1","title":"a.example"}},{"web":{"uri":"https://b.example/2"}},{"other":{}}],
        "groundingSupports":[{"segment":{"endIndex":7,"text":"Zürich"},"groundingChunkIndices":[0]},{"segment":{"startIndex":13,"endIndex":19,"text":"grows."},"groundingChunkIndices":[0,1,2,99,-1]}]}
        """;

    private const string Annotations = """
        [{"type":"url_citation","url_citation":{"start_index":0,"end_index":6,"title":"a.example","url":"https://a.example/1"}},
        {"type":"url_citation","url_citation":{"start_index":9,"end_index":15,"title":"a.example","url":"https://a.example/1"}},
        {"type":"url_citation","url_citation":{"start_index":9,"end_index":15,"title":"","url":"https://b.example/2"}}]
        """;

    [Theory]
    [InlineData(true, """ "tools":[{"type":"google_search"}] """)]
    [InlineData(false, """ "tools":[{"google_search":{}}] """)]
    [InlineData(true, """ "web_search_options":{} """)]
    [InlineData(false, """ "web_search_options":{} """)]
    public async Task Sources_AreAnnotations(bool streaming, string member)
    {
        var seen = await AskAsync(streaming, Grown(streaming, Grounding), $"{Hello},{member}");

        seen.Text.ShouldBe("Zürich 🎉 grows.");
        seen.FinishReason.ShouldBe("stop");
        JsonElement.DeepEquals(seen.Message["annotations"], JsonElement.Parse(Annotations)).ShouldBeTrue(seen.Message["annotations"].GetRawText());
        seen.Message.Keys.ShouldNotContain("extra_content");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhereASearchLed_IsToldToThoseWhoKnowGoogle(bool streaming)
    {
        var seen = await AskAsync(streaming, Grown(streaming, Grounding), Hello + """ ,"web_search_options":{},"extra_body":{"google":{"thinking_config":{"thinking_budget":0}}} """);

        seen.Message["extra_content"].GetProperty("google").GetProperty("grounding_metadata").GetProperty("webSearchQueries")[0].GetString().ShouldBe("zürich");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatIsRecited_IsAnnotated(bool streaming)
    {
        var seen = await AskAsync(streaming, Grown(streaming,
            """ "citationMetadata":{"citationSources":[{"startIndex":13,"endIndex":19,"uri":"https://c.example/x","license":"mit"},{"startIndex":0,"endIndex":2}]} """));

        seen.Message["annotations"].GetRawText().ShouldBe("""[{"type":"url_citation","url_citation":{"start_index":9,"end_index":15,"title":"","url":"https://c.example/x"}}]""");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnswerWithoutSources_HasNoAnnotations(bool streaming)
    {
        var seen = await AskAsync(streaming, Grown(streaming, """ "groundingMetadata":{} """), Hello + ",\"web_search_options\":{}");

        seen.Message.Keys.ShouldNotContain("annotations");
    }

    private static FakeReply Grown(bool streaming, string metadata)
    {
        string[] texts = streaming ? ["Zürich", " 🎉 ", "grows."] : ["Zürich 🎉 grows."];
        return Reply(streaming, [.. texts.Select((text, index) => $$"""
            {"candidates":[{"content":{"parts":[{"text":"{{text}}"}],"role":"model"}{{(index == texts.Length - 1 ? $",\"finishReason\":\"STOP\",{metadata}" : "")}}}]}
            """.ReplaceLineEndings(""))]);
    }
}
