using System.Net;
using System.Text;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Embeddings;

/// <summary>POST /v1/embeddings at every provider: what is asked for comes back in OpenAI's form, or the field that cannot be had is named.</summary>
public sealed class EmbeddingsEndpointTests : EmbeddingTests
{
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task OneText_IsEmbedded(string name)
    {
        var provider = TestedEmbedding.Named(name);

        using var response = await EmbedAsync(Body(provider.Model, "\"Where is the library?\""));

        var answer = await JsonAsync(response);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, answer.ToString());
        VectorsOf(answer).ShouldBe([Vectors.Of("Where is the library?")]);
        answer.GetProperty("model").GetString().ShouldBe(provider.Model);
        answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().ShouldBe(4);
        answer.GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(4);
        Header(response, "X-LlmOps-Provider").ShouldBe(name);
        Header(response, "X-LlmOps-Cache").ShouldBe("bypass");
        Header(response, "X-LlmOps-Attempts").ShouldBe("1");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task ManyTexts_GoInAsManyRequestsAsTheProviderTakes_AndKeepTheirOrder(string name)
    {
        var provider = TestedEmbedding.Named(name);
        string[] texts = [.. Enumerable.Range(0, 250).Select(number => $"text number {number}")];

        using var response = await EmbedAsync(Body(provider.Model, Json(texts)));

        var answer = await JsonAsync(response);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, answer.ToString());
        VectorsOf(answer).ShouldBe(texts.Select(text => Vectors.Of(text)));
        answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().ShouldBe(750);
        Sent.Count().ShouldBe((int)Math.Ceiling(250.0 / provider.MostTexts));
        Header(response, "X-LlmOps-Attempts").ShouldBe("1");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Base64_IsOfLittleEndianFloats(string name)
    {
        using var response = await EmbedAsync(Body(TestedEmbedding.Named(name).Model, Json("a", "b"), "\"encoding_format\":\"base64\""));

        var answer = await JsonAsync(response);
        answer.GetProperty("data")[0].GetProperty("embedding").ValueKind.ShouldBe(JsonValueKind.String);
        VectorsOf(answer).ShouldBe([Vectors.Of("a"), Vectors.Of("b")]);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Dimensions_AreAskedFor(string name)
    {
        using var response = await EmbedAsync(Body(TestedEmbedding.Named(name).Model, Json("a", "b"), "\"dimensions\":4,\"user\":\"ann\""));

        VectorsOf(await JsonAsync(response)).ShouldBe([Vectors.Of("a", 4), Vectors.Of("b", 4)]);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task OtherDimensionsThanAskedFor_AreABadResponse(string name)
    {
        AnswerWith(Vectors with { Send = vectors => [.. vectors.Select(vector => new float[8])] });

        using var response = await EmbedAsync(Body(TestedEmbedding.Named(name).Model, Json("a"), "\"dimensions\":4"));

        await IsErrorAsync(response, 502, "provider_bad_response");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task TokensThatWereNotCounted_AreNotTold(string name)
    {
        AnswerWith(Vectors with { CountsTokens = false });

        using var response = await EmbedAsync(Body(TestedEmbedding.Named(name).Model, Json("a", "b")));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(response)).TryGetProperty("usage", out _).ShouldBeFalse();

        // What has a price is estimated.
        Header(response, "X-LlmOps-Cost-USD").ShouldNotBe("unpriced");
        response.Headers.Contains("X-LlmOps-Cost-Estimated").ShouldBe(Header(response, "X-LlmOps-Cost-USD") != "0");
        (await Gateway.Logs.RequestAsync()).State["InputTokens"].ShouldBeNull();
    }

    [Theory]
    [InlineData("openai", "0.00000008")]
    [InlineData("gemini", "0.0000006")]
    [InlineData("ollama", "0")]
    [InlineData("tei", "0")]
    public async Task Cost_IsThatOfTheInput(string name, string dollars)
    {
        using var response = await EmbedAsync(Body(TestedEmbedding.Named(name).Model, "\"Where is the library?\""));

        Header(response, "X-LlmOps-Cost-USD").ShouldBe(dollars);
    }

    [Fact]
    public async Task FieldsThatNobodyKnows_SurviveBothWaysAtOpenAIsProtocol()
    {
        var ordinary = FakeOpenAIEmbeddings.Handler(Vectors, extra: "truncate_prompt_tokens");
        Fake.Handler = request => ordinary(request) is { Status: 200 } ? FakeReply.Json(200, FakeOpenAIEmbeddings.Answer(request.Json, Vectors).Replace("\"object\": \"list\",", "\"object\": \"list\", \"cached\": [1, 2],", StringComparison.Ordinal)) : throw new InvalidOperationException();
        BreaksContract = true;
        const string Asked = """{ "truncate_prompt_tokens": 5,  "input" : "Where ~sig~?", "model":"openai/anything" }""";

        using var response = await EmbedAsync(Asked);

        var sent = await Fake.NextRequestAsync();
        sent.BodyText.ShouldBe(Asked.Replace("openai/anything", "anything", StringComparison.Ordinal));
        (await response.Content.ReadAsStringAsync()).ShouldBe(
            FakeOpenAIEmbeddings.Answer(sent.Json, Vectors).Replace("\"object\": \"list\",", "\"object\": \"list\", \"cached\": [1, 2],", StringComparison.Ordinal).Replace("anything-v2", "openai/anything", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[1212, 318, 257]", "1212 318 257")]
    [InlineData("[[1212, 318], [257]]", "1212 318|257")]
    public async Task TokenIds_AreForwardedAtOpenAIsProtocol(string input, string spoken)
    {
        using var response = await EmbedAsync(Body("text-embedding-3-small", input));

        VectorsOf(await JsonAsync(response)).ShouldBe(spoken.Split('|').Select(text => Vectors.Of(text)));
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("ollama")]
    [InlineData("tei")]
    public async Task WhatAProtocolCannotSay_IsA400ThatNamesTheField(string name)
    {
        var model = TestedEmbedding.Named(name).Model;

        await IsErrorAsync(await EmbedAsync(Body(model, "[1, 2]")), 400, "unsupported_parameter", "input");
        await IsErrorAsync(await EmbedAsync(Body(model, "[[1, 2], [3]]")), 400, "unsupported_parameter", "input[0]");
        await IsErrorAsync(await EmbedAsync(Body(model, "\"a\"", "\"task\":\"query\"")), 400, "unsupported_parameter", "task");
        (await EmbedAsync(Body(model, "\"a\"", "\"task\":null,\"store\":false"))).StatusCode.ShouldBe(HttpStatusCode.OK);

        Sent.Count().ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"input":"a"}""", "missing_required_parameter", "model")]
    [InlineData("""{"model":"tei"}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"tei","input":null}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"tei","input":""}""", "invalid_value", "input")]
    [InlineData("""{"model":"tei","input":[]}""", "invalid_value", "input")]
    [InlineData("""{"model":"tei","input":{"text":"a"}}""", "invalid_value", "input")]
    [InlineData("""{"model":"tei","input":7}""", "invalid_value", "input")]
    [InlineData("""{"model":"tei","input":["a","b","c",""]}""", "invalid_value", "input[3]")]
    [InlineData("""{"model":"tei","input":["a",7]}""", "invalid_value", "input[1]")]
    [InlineData("""{"model":"tei","input":["a",["b"]]}""", "invalid_value", "input[1]")]
    [InlineData("""{"model":"tei","input":[null]}""", "invalid_value", "input[0]")]
    [InlineData("""{"model":"tei","input":["\ud800"]}""", "invalid_value", "input[0]")]
    [InlineData("""{"model":"openai/x","input":[1,"a"]}""", "invalid_value", "input[1]")]
    [InlineData("""{"model":"openai/x","input":[1,-2]}""", "invalid_value", "input[1]")]
    [InlineData("""{"model":"openai/x","input":[1,2.5]}""", "invalid_value", "input[1]")]
    [InlineData("""{"model":"openai/x","input":[[1],[]]}""", "invalid_value", "input[1]")]
    [InlineData("""{"model":"openai/x","input":[[1],["a"]]}""", "invalid_value", "input[1][0]")]
    [InlineData("""{"model":"tei","input":"a","dimensions":0}""", "invalid_value", "dimensions")]
    [InlineData("""{"model":"tei","input":"a","dimensions":"8"}""", "invalid_value", "dimensions")]
    [InlineData("""{"model":"tei","input":"a","encoding_format":"int8"}""", "invalid_value", "encoding_format")]
    [InlineData("""{"model":"tei","input":"a","user":7}""", "invalid_value", "user")]
    [InlineData("""{"model":"tei","input":"a","input":"b"}""", "invalid_json", null)]
    [InlineData("""[]""", "invalid_json", null)]
    public async Task BadRequest_NamesTheField(string body, string code, string? param)
    {
        await IsErrorAsync(await EmbedAsync(body), 400, code, param);

        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task MoreThan2048Inputs_AreA400()
    {
        await IsErrorAsync(await EmbedAsync(Body("tei", Json([.. Enumerable.Repeat("a", 2049)]))), 400, "invalid_value", "input");
        (await EmbedAsync(Body("tei", Json([.. Enumerable.Repeat("a", 2048)])))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("claude-sonnet")]
    [InlineData("anthropic/any")]
    [InlineData("gpt-4o")]
    [InlineData("gemini-2.5-flash")]
    [InlineData("offline")]
    [InlineData("offline/any")]
    public async Task ModelWithoutEmbeddings_IsA400BeforeAnythingIsSent(string model)
    {
        await IsErrorAsync(await EmbedAsync(Body(model, "\"a\"")), 400, "invalid_value", "model");

        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("tei")]
    [InlineData("tei/any")]
    [InlineData("text-embedding-3-small")]
    [InlineData("gemini-embedding-001")]
    [InlineData("ollama/nomic-embed-text")]
    [InlineData("offline-embedding")]
    [InlineData("OFFLINE/OFFLINE-EMBEDDING")]
    public async Task ChatAtAModelForEmbeddings_IsA400BeforeAnythingIsSent(string model)
    {
        using var response = await Gateway.CompleteAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]}""");

        (await response.Content.ReadAsStringAsync()).ShouldContain("/v1/embeddings");
        await IsErrorAsync(response, 400, "invalid_value", "model");
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task UnknownModel_IsA404()
    {
        await IsErrorAsync(await EmbedAsync(Body("no-such-model", "\"a\"")), 404, "model_not_found", "model");
    }

    [Fact]
    public async Task NameWithThePrefixOfOpenAIsEmbeddings_GoesThere()
    {
        using var response = await EmbedAsync(Body("text-embedding-4-huge", "\"a\""));

        (await Fake.NextRequestAsync()).Json.GetProperty("model").GetString().ShouldBe("text-embedding-4-huge");
        Header(response, "X-LlmOps-Provider").ShouldBe("openai");
    }

    [Fact]
    public async Task RequestLine_HasTheFactsAndNotTheTexts()
    {
        using var response = await EmbedAsync(Body("text-embedding-3-small", Json("a secret", "another secret")));

        var line = await Gateway.Logs.RequestAsync();
        line.State["Outcome"].ShouldBe("ok");
        line.State["Endpoint"].ShouldBe("/v1/embeddings");
        line.State["Model"].ShouldBe("text-embedding-3-small");
        line.State["ResponseModel"].ShouldBe("text-embedding-3-small-v2");
        line.State["InputTokens"].ShouldBe(4L);
        line.State["CostUsd"].ShouldBe(0.00000008m);
        line.State["ProviderRequestId"].ShouldNotBeNull();
        Gateway.Logs.All.ShouldNotContain(log => log.Message.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Models_SayWhichMakeEmbeddings()
    {
        Fake.Handler = request => request.Path == FakeOllama.TagsPath ? FakeReply.Json(200, """{"models":[{"name":"nomic-embed-text:latest"},{"name":"llama3.2:latest"}]}""") : throw new InvalidOperationException();

        using var response = await Gateway.Http.GetAsync("/v1/models");

        var models = (await JsonAsync(response)).GetProperty("data").EnumerateArray().ToList();
        models.Where(model => model.GetProperty("features") is { ValueKind: JsonValueKind.Array } features && features.EnumerateArray().Any(feature => feature.GetString() == "embeddings"))
            .Select(model => model.GetProperty("id").GetString())
            .ShouldBe(["gemini-embedding-001", "offline-embedding", "ollama/nomic-embed-text", "tei", "text-embedding-3-large", "text-embedding-3-small", "text-embedding-ada-002"], ignoreOrder: true);
        var builtIn = models.Single(model => model.GetProperty("id").GetString() == "offline-embedding");
        builtIn.GetProperty("system_fingerprint").GetString().ShouldBe("offline-not-a-learned-model");
        builtIn.GetProperty("pricing").GetString().ShouldBe("free");
        models.Single(model => model.GetProperty("id").GetString() == "text-embedding-3-small").GetProperty("price").GetProperty("input").GetDecimal().ShouldBe(0.02m);
    }

    [Theory]
    [InlineData("", 256)]
    [InlineData("\"dimensions\":16", 16)]
    [InlineData("\"dimensions\":4096,\"encoding_format\":\"base64\"", 4096)]
    public async Task BuiltInEmbedding_NeedsNobody(string members, int dimensions)
    {
        using var response = await EmbedAsync(Body("offline-embedding", Json("Where is the library?", "How do I find the library?", "Two eggs"), members));

        var answer = await JsonAsync(response);
        var vectors = VectorsOf(answer);
        vectors.Count.ShouldBe(3);
        vectors.ShouldAllBe(vector => vector.Length == dimensions && Math.Abs(vector.Sum(number => number * number) - 1) < 1e-4);
        answer.GetProperty("system_fingerprint").GetString().ShouldBe("offline-not-a-learned-model");
        answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().ShouldBeGreaterThan(0);
        Header(response, "X-LlmOps-Cost-USD").ShouldBe("0");
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(4097)]
    public async Task DimensionsThatTheBuiltInEmbeddingDoesNotHave_AreA400(int dimensions)
    {
        await IsErrorAsync(await EmbedAsync(Body("offline-embedding", "\"a\"", $"\"dimensions\":{dimensions}")), 400, "unsupported_parameter", "dimensions");
    }

    [Fact]
    public async Task BodyThatIsNoJson_IsA415()
    {
        using var content = new StringContent("input=a", Encoding.UTF8, "application/x-www-form-urlencoded");

        using var response = await Gateway.Http.PostAsync("/v1/embeddings", content);

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }
}
