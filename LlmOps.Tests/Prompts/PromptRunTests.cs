using System.Net;
using LlmOps.Tests.Access;
using LlmOps.Tests.Access.Users;

namespace LlmOps.Tests.Prompts;

/// <summary>POST /prompts/{name}/run and /prompts/{name}/render, GET /prompts.</summary>
public sealed class PromptRunTests : PromptGatewayTests
{
    private const string Full = """
        name: letter
        version: v1
        description: Writes letters.
        model: gpt-4o
        parameters: { temperature: 0.25, max_tokens: 99, stop: ["END"], seed: 7, response_format: { type: json_object } }
        variables:
          - { name: to, max_length: 10 }
          - { name: tone, default: warm }
        messages:
          - { role: system, content: "You write {{tone}} letters." }
          - { role: user, content: "To {{to}}" }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_AsksTheModelWhatTheVersionSays(bool streaming)
    {
        Write("letter/v1.yaml", Full);

        using var response = await Gateway.PostAsync("/prompts/letter/run", $$$"""{"variables":{"to":"Ada {{x}}"},"stream":{{{(streaming ? "true" : "false")}}}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("X-LlmOps-Prompt").ShouldBe(["letter@v1"]);
        var sent = Fake.Requests.Single().Json;
        sent.GetProperty("model").GetString().ShouldBe("gpt-4o");
        sent.GetProperty("messages").GetRawText().ShouldBe("""[{"role":"system","content":"You write warm letters."},{"role":"user","content":"To Ada {{x}}"}]""");
        (sent.GetProperty("temperature").GetDouble(), sent.GetProperty("max_tokens").GetInt32(), sent.GetProperty("seed").GetInt32()).ShouldBe((0.25, 99, 7));
        sent.GetProperty("stop").GetRawText().ShouldBe("""["END"]""");
        sent.GetProperty("response_format").GetProperty("type").GetString().ShouldBe("json_object");
        if (streaming)
        {
            response.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
            (await response.Content.ReadAsStringAsync()).ShouldBe("Hello there");
        }
        else
        {
            var reply = await response.JsonAsync();
            (reply.GetProperty("response").GetString(), reply.GetProperty("prompt").GetString(), reply.GetProperty("prompt_version").GetString()).ShouldBe(("Hello there", "letter", "v1"));
            reply.TryGetProperty("variant", out _).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task WhatTheRequestAsks_ComesBeforeWhatTheVersionDoes()
    {
        Write("letter/v1.yaml", Full);

        using var response = await Gateway.PostAsync("/prompts/letter/run", """{"variables":{"to":"Ada","tone":"cold"},"model":"gpt-4o-mini","temperature":1,"max_tokens":5}""");

        var sent = Fake.Requests.Single().Json;
        (sent.GetProperty("model").GetString(), sent.GetProperty("temperature").GetDouble(), sent.GetProperty("max_tokens").GetInt32()).ShouldBe(("gpt-4o-mini", 1, 5));
        sent.GetProperty("messages")[0].GetProperty("content").GetString().ShouldBe("You write cold letters.");
    }

    [Fact]
    public async Task VersionThatAsksNothing_HasTheDefaultsOfTheEndpoints()
    {
        WriteGreeter(1);

        using var response = await Gateway.PostAsync("/prompts/greeter/run", """{"variables":{"name":"Ada"},"model":"gpt-4o"}""");

        var sent = Fake.Requests.Single().Json;
        (sent.GetProperty("temperature").GetSingle(), sent.GetProperty("max_tokens").GetInt32()).ShouldBe((0.7f, 1024));
    }

    [Theory]
    [InlineData("""{"variables":{}}""", "MISSING_REQUIRED_PARAMETER", "variables.to", "variables.to is missing")]
    [InlineData("{}", "MISSING_REQUIRED_PARAMETER", "variables.to", "variables.to is missing")]
    [InlineData("""{"variables":{"to":"12345678901","from":"x"}}""", "INVALID_VALUE", "variables.to", "variables.to has 11 characters; expected at most 10. variables.from is not known; expected to, tone")]
    [InlineData("""{"variables":{"to":["x"]}}""", "INVALID_VALUE", "variables.to", "variables.to is no text")]
    [InlineData("""{"variables":{"to":" "}}""", "INVALID_VALUE", "variables.to", "variables.to is empty")]
    [InlineData("""{"variables":{"to":"x"},"version":"v9"}""", "NOT_FOUND", "version", "it has v1")]
    [InlineData("""{"variables":{"to":"x"},"version":"1"}""", "NOT_FOUND", "version", "it has v1")]
    [InlineData("""{"variables":{"to":"x"},"label":"staging"}""", "NOT_FOUND", "label", "it has none")]
    [InlineData("""{"variables":{"to":"x"},"label":"a","version":"v1"}""", "INVALID_VALUE", "label", "one of them")]
    [InlineData("""{"variables":[]}""", "INVALID_VALUE", "variables", "an object of names and values")]
    [InlineData("""{"vars":{}}""", "UNSUPPORTED_PARAMETER", "vars", "expected one of variables")]
    public async Task BadInput_IsRefusedAndNamed(string body, string code, string field, string message)
    {
        Write("letter/v1.yaml", Full);

        var (_, toldCode, toldField, told) = await Gateway.RefusalAsync("POST", "/prompts/letter/run", body);

        (toldCode, toldField).ShouldBe((code, field));
        told.ShouldContain(message);
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task UnknownPrompt_IsNotFound()
    {
        WriteGreeter(1);

        var (status, code, _, _) = await Gateway.RefusalAsync("POST", "/prompts/nobody/run", "{}");

        (status, code).ShouldBe((404, "PROMPT_NOT_FOUND"));
    }

    [Fact]
    public async Task KeyForOtherPrompts_NeitherRunsNorSeesIt()
    {
        WriteGreeter(1);
        Write("letter/v1.yaml", Full);
        var (_, key) = await Gateway.CreateKeyAsync("""{"name":"k","prompts":["letter"]}""");

        using var run = await Gateway.SendAsync("POST", "/prompts/greeter/run", key, """{"variables":{"name":"Ada"}}""");
        using var completion = await Gateway.SendAsync("POST", "/v1/chat/completions", key, """{"model":"prompt:greeter","metadata":{"name":"Ada"}}""");
        using var seen = await Gateway.SendAsync("GET", "/prompts/greeter", key);
        using var list = await Gateway.SendAsync("GET", "/prompts", key);

        (run.StatusCode, completion.StatusCode, seen.StatusCode).ShouldBe((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden));
        (await list.JsonAsync()).GetProperty("prompts").EnumerateArray().Select(prompt => prompt.GetProperty("name").GetString()).ShouldBe(["letter"]);
    }

    [Fact]
    public async Task SameValues_AreAnsweredFromTheCache_OfTheSameTextAlone()
    {
        WriteGreeter(1, 2);
        await MoveAsync("v1");

        var statuses = new List<string>
        {
            await CacheAsync(),
            await CacheAsync(),
        };
        await MoveAsync("v2");
        statuses.Add(await CacheAsync());
        Write("greeter/v2.yaml", Greeter.Replace("vN", "v2", StringComparison.Ordinal).Replace("You greet.", "You greet well.", StringComparison.Ordinal));
        await Gateway.AdministerAsync("POST", "/admin/prompts/reload");
        statuses.Add(await CacheAsync());

        statuses.ShouldBe(["miss", "hit-memory", "miss", "miss"]);
    }

    [Fact]
    public async Task RenderedText_IsWhatLimitsCount()
    {
        Write("long/v1.yaml", $"name: long\nversion: v1\nparameters: {{ max_tokens: 10 }}\nuser: '{new string('x', 5_000)} {{{{a}}}}'\n");
        var (_, key) = await Gateway.CreateKeyAsync("""{"name":"k","limits":{"tokens_per_minute":3000}}""");

        using var response = await Gateway.SendAsync("POST", "/prompts/long/run", key, """{"variables":{"a":"b"},"model":"gpt-4o"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Render_TellsTheMessages_AndAsksNoModel()
    {
        Write("letter/v1.yaml", Full);

        using var response = await Gateway.PostAsync("/prompts/letter/render", """{"variables":{"to":"Ada"}}""");

        var reply = await response.JsonAsync();
        reply.GetProperty("messages").GetRawText().ShouldBe("""[{"role":"system","content":"You write warm letters."},{"role":"user","content":"To Ada"}]""");
        (reply.GetProperty("version").GetString(), reply.GetProperty("model").GetString(), reply.GetProperty("parameters").GetProperty("seed").GetInt32()).ShouldBe(("v1", "gpt-4o", 7));
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Prompt_TellsVersionsLabelsVariablesAndWhatTheyDifferIn()
    {
        WriteGreeter(1, 2, 3);
        Write("greeter/labels.yaml", "production: v1\n");

        var prompt = await (await Gateway.Http.GetAsync("/prompts/greeter")).JsonAsync();
        var other = await (await Gateway.Http.GetAsync("/prompts/greeter?from=v1&to=v3")).JsonAsync();

        prompt.GetProperty("labels").GetRawText().ShouldBe("""{"production":"v1"}""");
        prompt.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetString()).ShouldBe(["v1", "v2", "v3"]);
        prompt.GetProperty("versions")[0].GetProperty("variables")[0].GetRawText().ShouldBe("""{"name":"name","description":null,"required":true,"default":null,"max_length":null}""");
        prompt.GetProperty("diff").GetProperty("lines").EnumerateArray().Select(line => line.GetString())
            .ShouldBe([" [system]", "-You greet. This is v2.", "+You greet. This is v3.", " [user]", " Greet {{name}}!"]);
        (other.GetProperty("diff").GetProperty("from").GetString(), other.GetProperty("diff").GetProperty("to").GetString()).ShouldBe(("v1", "v3"));
    }

    private async Task<string> CacheAsync()
    {
        var (response, _) = await GreetAsync(",\"model\":\"gpt-4o\"");
        using (response)
        {
            return response.Headers.GetValues("X-LlmOps-Cache").Single();
        }
    }
}
