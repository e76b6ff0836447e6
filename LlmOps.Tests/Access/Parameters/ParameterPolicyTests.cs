using System.Net;
using System.Text.Json;
using LlmOps.Tests.Access.Users;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Parameters;

/// <summary>What routes and keys allow of models and parameters: a value outside is refused before anything is spent, and what nobody asked for stays inside.</summary>
public sealed class ParameterPolicyTests : GatewayTests
{
    public ParameterPolicyTests() => Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text("Hello"));

    [Theory]
    [InlineData("/v1/chat/completions", "\"temperature\":1.5", "temperature", "temperature is 1.5; expected a number from 0.2 to 0.5 on /.")]
    [InlineData("/v1/chat/completions", "\"temperature\":0.1", "temperature", "temperature is 0.1; expected a number from 0.2 to 0.5 on /.")]
    [InlineData("/v1/chat/completions", "\"top_p\":0.95", "top_p", "top_p is 0.95; expected a number from 0 to 0.9 on /.")]
    [InlineData("/v1/chat/completions", "\"max_tokens\":101", "max_tokens", "max_tokens is 101; expected a whole number from 1 to 100 on /.")]
    [InlineData("/v1/chat/completions", "\"max_completion_tokens\":101", "max_completion_tokens", "max_completion_tokens is 101; expected a whole number from 1 to 100 on /.")]
    [InlineData("/v1/chat/completions", "\"max_tokens\":5,\"max_completion_tokens\":101", "max_completion_tokens", "max_completion_tokens is 101; expected a whole number from 1 to 100 on /.")]
    [InlineData("/v1/chat/completions", "\"n\":3", "n", "n is 3; expected a whole number from 1 to 2 on /.")]
    [InlineData("/v1/chat/completions", "\"options\":{\"temperature\":1.5}", "options.temperature", "options.temperature is 1.5; expected a number from 0.2 to 0.5 on /.")]
    [InlineData("/v1/chat/completions", "\"options\":{\"num_predict\":-1}", "options.num_predict", "options.num_predict is -1; expected a whole number from 1 to 100 on /.")]
    [InlineData("/v1/chat/completions", "\"stream\":true,\"temperature\":1.5", "temperature", "temperature is 1.5; expected a number from 0.2 to 0.5 on /.")]
    [InlineData("/chat", "\"temperature\":1.5", "temperature", "temperature is 1.5; expected a number from 0.2 to 0.5 on /.")]
    [InlineData("/chat/stream", "\"max_tokens\":101", "max_tokens", "max_tokens is 101; expected a whole number from 1 to 100 on /.")]
    [InlineData("/invoke", "\"temperature\":1.5", "temperature", "temperature is 1.5; expected a number from 0.2 to 0.5 on /.")]
    [InlineData("/llm/generate", "\"max_tokens\":101", "max_tokens", "max_tokens is 101; expected a whole number from 1 to 100 on /.")]
    public async Task ValueOutside_IsRefusedOnEveryRoute(string path, string parameters, string field, string message)
    {
        Restrict("/");

        using var response = await Gateway.SendAsync("POST", path, GatewayApplication.AdministratorKey, Body(path, parameters));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await response.JsonAsync()).GetProperty("error");
        (path.StartsWith("/v1", StringComparison.Ordinal) ? (error.GetProperty("code").GetString(), error.GetProperty("param").GetString()) : (error.GetProperty("error_code").GetString()!.ToLowerInvariant(), error.GetProperty("field").GetString()))
            .ShouldBe(("invalid_value", field));
        error.GetProperty("message").GetString().ShouldBe(message);
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/chat")]
    [InlineData("/invoke")]
    [InlineData("/llm/generate")]
    public async Task ValuesAtTheEnds_AreTaken(string path)
    {
        Restrict("/");

        using var response = await Gateway.SendAsync("POST", path, GatewayApplication.AdministratorKey, Body(path, "\"temperature\":0.5,\"max_tokens\":100"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sent = (await Fake.NextRequestAsync()).Json;
        (sent.GetProperty("temperature").GetRawText(), sent.GetProperty("max_tokens").GetInt32()).ShouldBe(("0.5", 100));
    }

    [Theory]
    [InlineData("/chat")]
    [InlineData("/invoke")]
    [InlineData("/llm/generate")]
    public async Task DefaultsOfAnEndpoint_AreMovedIntoTheRange(string path)
    {
        Restrict("/");

        using var response = await Gateway.SendAsync("POST", path, GatewayApplication.AdministratorKey, Body(path));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sent = (await Fake.NextRequestAsync()).Json;
        (sent.GetProperty("temperature").GetRawText(), sent.GetProperty("top_p").GetRawText(), sent.GetProperty("max_tokens").GetInt32()).ShouldBe(("0.5", "0.9", 100));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("\"temperature\":null,\"max_completion_tokens\":null", false)]
    [InlineData("", true)]
    public async Task WhatARequestInOpenAIsFormDoesNotSay_IsAddedToItsBytes(string parameters, bool streaming)
    {
        Restrict("/v1");

        using var response = await Gateway.CompleteAsync(Body("/v1/chat/completions", parameters + (streaming ? "\"stream\":true" : parameters.Length == 0 ? "\"vendor_field\":1" : ",\"vendor_field\":1")), streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var sent = (await Fake.NextRequestAsync()).Json;
        (sent.GetProperty("temperature").GetRawText(), sent.GetProperty("top_p").GetRawText(), sent.GetProperty("max_completion_tokens").GetInt32()).ShouldBe(("0.5", "0.9", 100));
        sent.TryGetProperty("vendor_field", out _).ShouldBe(!streaming);
    }

    [Fact]
    public async Task ModelThatSamplesAsItLikes_IsNotToldHow()
    {
        Restrict("/v1");

        using var response = await Gateway.CompleteAsync(Body("/v1/chat/completions").Replace("gpt-4o", "gpt-5", StringComparison.Ordinal));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sent = (await Fake.NextRequestAsync()).Json;
        (sent.TryGetProperty("temperature", out _), sent.TryGetProperty("top_p", out _), sent.GetProperty("max_completion_tokens").GetInt32()).ShouldBe((false, false, 100));
    }

    [Fact]
    public async Task OtherRoutes_AreNotConcerned()
    {
        Restrict("/chat");

        using var response = await Gateway.CompleteAsync(Body("/v1/chat/completions", "\"temperature\":1.5"));
        using var similar = await Gateway.SendAsync("POST", "/llm/generate", GatewayApplication.AdministratorKey, Body("/llm/generate", "\"max_tokens\":4000"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        similar.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Fake.NextRequestAsync()).BodyText.ShouldBe(Body("/v1/chat/completions", "\"temperature\":1.5"), "not a byte is changed");
    }

    [Theory]
    [InlineData("1", HttpStatusCode.OK)]
    [InlineData("1.01", HttpStatusCode.BadRequest)]
    public async Task Generate_TakesTemperaturesUpToOneByDefault(string temperature, HttpStatusCode expected)
    {
        using var response = await Gateway.SendAsync("POST", "/llm/generate", GatewayApplication.AdministratorKey, Body("/llm/generate", $"\"temperature\":{temperature}"));

        response.StatusCode.ShouldBe(expected);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "gpt-4o", HttpStatusCode.Forbidden)]
    [InlineData("/v1/chat/completions", "gpt-4o-mini", HttpStatusCode.OK)]
    [InlineData("/v1/chat/completions", "openai/gpt-4o-mini", HttpStatusCode.Forbidden)]
    [InlineData("/v1/embeddings", "text-embedding-3-small", HttpStatusCode.Forbidden)]
    [InlineData("/chat", "gpt-4o", HttpStatusCode.OK)]
    public async Task ModelsOfARoute_AreTheOnlyOnesThere(string path, string model, HttpStatusCode expected)
    {
        Gateway.With("Gateway:Access:Routes:/v1:Models", "gpt-4o-m*,o3");

        using var response = await Gateway.PostAsync(path, path == "/v1/embeddings" ? $$"""{"model":"{{model}}","input":"x"}""" : Body(path).Replace("gpt-4o", model, StringComparison.Ordinal));

        response.StatusCode.ShouldBe(expected);
        if (expected == HttpStatusCode.Forbidden)
        {
            (await response.ErrorAsync()).ShouldBe(("permission_denied", $"Model '{model}' may not be asked on /v1."));
        }
    }

    [Fact]
    public async Task RangeOfAKey_HoldsBesideThatOfTheRoute()
    {
        Gateway.With("Gateway:Access:Routes:/v1:TemperatureMax", "0.9");
        var (_, key) = await Gateway.CreateKeyAsync("""{"name":"ci","parameters":{"temperature_min":0.2,"max_tokens_max":50}}""");

        (await ErrorAsync(key, "\"temperature\":0.1")).ShouldBe("temperature is 0.1; expected a number from 0.2 to 2 with this key.");
        (await ErrorAsync(key, "\"temperature\":1")).ShouldBe("temperature is 1; expected a number from 0 to 0.9 on /v1.");
        (await ErrorAsync(key, "\"max_tokens\":51")).ShouldBe("max_tokens is 51; expected a whole number from 1 to 50 with this key.");
        (await ErrorAsync(key, "\"temperature\":0.5,\"max_tokens\":50")).ShouldBeNull();
        (await ErrorAsync(GatewayApplication.AdministratorKey, "\"max_tokens\":51")).ShouldBeNull();
    }

    [Fact]
    public async Task RangesOfAKey_AreShownChangedAndTakenAway()
    {
        var (id, key) = await Gateway.CreateKeyAsync("""{"name":"ci","parameters":{"temperature_min":0.1,"temperature_max":0.5,"top_p_min":0.2,"top_p_max":0.9,"max_tokens_max":100,"n_max":1}}""");

        var made = await Gateway.AdministerAsync("GET", $"/admin/keys/{id}");
        await Gateway.AdministerAsync("PATCH", $"/admin/keys/{id}", """{"name":"renamed"}""");
        var kept = await ErrorAsync(key, "\"temperature\":0.6");
        await Gateway.AdministerAsync("PATCH", $"/admin/keys/{id}", """{"parameters":{"temperature_max":1}}""");
        var changed = (await ErrorAsync(key, "\"temperature\":1.1"), await ErrorAsync(key, "\"temperature\":0.6,\"max_tokens\":500"));
        var freed = await Gateway.AdministerAsync("PATCH", $"/admin/keys/{id}", """{"parameters":null}""");

        made.GetProperty("parameters").GetRawText().ShouldBe("""{"temperature_min":0.1,"temperature_max":0.5,"top_p_min":0.2,"top_p_max":0.9,"max_tokens_max":100,"n_max":1}""");
        kept.ShouldNotBeNull();
        changed.ShouldBe(("temperature is 1.1; expected a number from 0 to 1 with this key.", null));
        freed.GetProperty("parameters").ValueKind.ShouldBe(JsonValueKind.Null);
        (await ErrorAsync(key, "\"temperature\":1.1")).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"temperature":1}""", "parameters.temperature")]
    [InlineData("""{"temperature_max":2.5}""", "parameters.temperature_max")]
    [InlineData("""{"temperature_min":0.5,"temperature_max":0.4}""", "parameters.temperature_min")]
    [InlineData("""{"top_p_min":0.5,"top_p_max":0.4}""", "parameters.top_p_min")]
    [InlineData("""{"max_tokens_max":0}""", "parameters.max_tokens_max")]
    [InlineData("""{"n_max":129}""", "parameters.n_max")]
    [InlineData("[]", "parameters")]
    public async Task RangesThatCannotBe_AreRefused(string parameters, string field)
    {
        var (status, code, named, _) = await Gateway.RefusalAsync("POST", "/admin/keys", $$"""{"name":"ci","parameters":{{parameters}}}""");

        (status, code, named).ShouldBe((400, "INVALID_VALUE", field));
    }

    [Fact]
    public async Task CapOfAKey_IsPartOfWhatTheCacheKnows()
    {
        var (_, capped) = await Gateway.CreateKeyAsync("""{"name":"capped","parameters":{"max_tokens_max":5}}""");
        var (_, free) = await Gateway.CreateKeyAsync("""{"name":"free"}""");
        const string Body = """{"model":"gpt-4o","temperature":0,"messages":[{"role":"user","content":"Hi"}]}""";

        using var first = await Gateway.SendAsync("POST", "/v1/chat/completions", free, Body);
        using var second = await Gateway.SendAsync("POST", "/v1/chat/completions", capped, Body);

        (first.Headers.GetValues("X-LlmOps-Cache").Single(), second.Headers.GetValues("X-LlmOps-Cache").Single()).ShouldBe(("miss", "miss"));
    }

    private void Restrict(string path) => Gateway
        .With($"Gateway:Access:Routes:{path}:TemperatureMin", "0.2").With($"Gateway:Access:Routes:{path}:TemperatureMax", "0.5")
        .With($"Gateway:Access:Routes:{path}:TopPMax", "0.9").With($"Gateway:Access:Routes:{path}:MaxTokensMax", "100").With($"Gateway:Access:Routes:{path}:NMax", "2");

    private async Task<string?> ErrorAsync(string key, string parameters)
    {
        using var response = await Gateway.SendAsync("POST", "/v1/chat/completions", key, Body("/v1/chat/completions", parameters));
        return response.IsSuccessStatusCode ? null : (await response.ErrorAsync()).Message;
    }

    private static string Body(string path, string parameters = "")
    {
        var more = parameters.Length == 0 ? "" : "," + parameters;
        return path switch
        {
            "/v1/chat/completions" => $$"""{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]{{more}}}""",
            "/invoke" => $$"""{"request_id":"r","model":"gpt-4o","user_prompt":"Hi"{{more}}}""",
            _ => $$"""{"model":"gpt-4o","prompt":"Hi"{{more}}}""",
        };
    }
}
