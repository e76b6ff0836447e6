using System.Net;
using System.Text;

namespace LlmOps.Tests;

/// <summary>The gateway as a user starts and stops it.</summary>
public sealed class StartupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task StartWithoutConfiguration_TellsWhatIsLiveAndWhyTheRestIsNot()
    {
        await using var gateway = await GatewayProcess.Start(_folder).ReadyAsync();

        var answer = await gateway.Http.GetStringAsync("/v1/models");

        answer.ShouldContain("\"offline\"");
        gateway.Output.ShouldContain("Listening   http://localhost:");
        gateway.Output.ShouldContain("/docs");
        gateway.Output.ShouldContain("not configured: set OPENAI_API_KEY");
        gateway.Output.ShouldContain(Path.Combine(_folder, "data"));
    }

    [Fact]
    public async Task VariablesThatMeanNothingHere_AreAnsweredWithWhatToSetInstead()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, ".env"), "MLFLOW_S3_ENDPOINT_URL=http://minio:9000\n");

        await using var gateway = await GatewayProcess.Start(_folder, ("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")).ReadyAsync();

        await Conditions.HoldsAsync(() => Task.FromResult(gateway.Output.Contains("KAFKA_BOOTSTRAP_SERVERS is set, and has no effect", StringComparison.Ordinal)));
        gateway.Output.ShouldContain("KAFKA_REST_URL");
        await Conditions.HoldsAsync(() => Task.FromResult(gateway.Output.Contains("MLFLOW_S3_ENDPOINT_URL is set, and has no effect", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AdministratorKey_IsMadeOnceShownOnceAndKeptPrivate()
    {
        string key;
        await using (var first = await GatewayProcess.Start(_folder).ReadyAsync())
        {
            key = first.Output.Split("Admin key")[1].Trim().Split(' ')[0];
            key.ShouldStartWith("sk-llmops-");
            (await AdministerAsync(first, key)).ShouldBe(HttpStatusCode.OK);
            (await AdministerAsync(first, key + "x")).ShouldBe(HttpStatusCode.Unauthorized);
            (await AdministerAsync(first, null)).ShouldBe(HttpStatusCode.Unauthorized);
        }

        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "data"), "llmops.db*"))
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)).ShouldNotContain(key);
        }

        await using var second = await GatewayProcess.Start(_folder).ReadyAsync();
        second.Output.ShouldNotContain(key);
        (await AdministerAsync(second, key)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task DotEnvInTheWorkingDirectory_IsReadAndTheEnvironmentWins()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, ".env"), "LLM_APP_NAME=from-dotenv\nLLM_VERSION=9.9\n");

        await using var gateway = await GatewayProcess.Start(_folder, ("LLM_VERSION", "1.2.3")).ReadyAsync();

        var health = await gateway.Http.GetStringAsync("/health");
        health.ShouldContain("from-dotenv");
        health.ShouldContain("1.2.3");
    }

    [Fact]
    public async Task Sources_WinInTheDocumentedOrder()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"), """{ "Gateway": { "Endpoints": { "ServiceName": "file", "ServiceVersion": "file", "DefaultMaxTokens": 1 }, "DefaultModel": "offline" } }""");
        await File.WriteAllTextAsync(Path.Combine(_folder, ".env"), "LLM_APP_NAME=dotenv\nGateway__Endpoints__ServiceVersion=dotenv\n");

        await using var first = await GatewayProcess.Start(_folder).ReadyAsync();
        (await first.Http.GetStringAsync("/health")).ShouldContain("\"service\":\"dotenv\",\"version\":\"dotenv\"");
        await using var second = await GatewayProcess.Start(_folder, ("Gateway__Data__Folder", Path.Combine(_folder, "b")), ("LLM_APP_NAME", "short"), ("LLM_VERSION", "short")).ReadyAsync();
        (await second.Http.GetStringAsync("/health")).ShouldContain("\"service\":\"short\",\"version\":\"short\"");
        await using var third = await GatewayProcess.Start(_folder, ("Gateway__Data__Folder", Path.Combine(_folder, "c")), ("LLM_APP_NAME", "short"), ("Gateway__Endpoints__ServiceName", "long")).ReadyAsync();
        (await third.Http.GetStringAsync("/health")).ShouldContain("\"service\":\"long\"");
    }

    [Fact]
    public async Task VariablesThatDifferInCaseAlone_DoNotStopTheStart()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "key"), "sk-from-file\n");

        await using var gateway = await GatewayProcess.Start(
            _folder, ("http_proxy", "http://a.invalid"), ("HTTP_PROXY", "http://b.invalid"), ("Gateway__Providers__openai__ApiKey_FILE", Path.Combine(_folder, "key"))).ReadyAsync();

        (await gateway.Http.GetStringAsync("/v1/models")).ShouldContain("gpt-4o-mini");
    }

    [Fact]
    public async Task FaultyConfiguration_EndsWithAllFaultsAndNoStackTrace()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"), """{ "Gateway": { "DefaultModel": "nope", "Typo": 1 } }""");

        await using var gateway = GatewayProcess.Start(_folder, ("LLM_LOG_LEVEL", "loud"));

        (await gateway.ExitAsync()).ShouldBe(1);
        gateway.Output.ShouldContain("3 faults");
        gateway.Output.ShouldContain("Gateway:DefaultModel");
        gateway.Output.ShouldContain("Gateway:Typo");
        gateway.Output.ShouldContain("LLM_LOG_LEVEL");
        gateway.Output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task SettingsFileThatIsNotJson_EndsWithItsLine()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"), "{ \"Gateway\": ");

        await using var gateway = GatewayProcess.Start(_folder);

        (await gateway.ExitAsync()).ShouldBe(1);
        gateway.Output.ShouldContain("appsettings.json");
        gateway.Output.ShouldContain("LineNumber");
        gateway.Output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task PortInUse_SaysSo()
    {
        await using var first = await GatewayProcess.Start(_folder).ReadyAsync();

        await using var second = GatewayProcess.Start(_folder, ("Gateway__Data__Folder", Path.Combine(_folder, "second")), ("LLM_PORT", first.Http.BaseAddress!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));

        (await second.ExitAsync()).ShouldBe(1);
        second.Output.ShouldContain("LLM_PORT");
        second.Output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task ListeningOnEveryAddress_RequiresACredential()
    {
        await using var gateway = await GatewayProcess.Start(_folder, ("LLM_HOST", "0.0.0.0"), ("LLMOPS_ADMIN_KEY", "sk-1")).ReadyAsync();

        (await gateway.Http.GetAsync("/v1/models")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await gateway.Http.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", "sk-1");
        (await gateway.Http.GetAsync("/v1/models")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Sigterm_LetsStreamsFinishWhileReadinessSaysNo()
    {
        await using var gateway = await GatewayProcess.Start(_folder, ("Gateway__Providers__offline__WordDelay", "100ms")).ReadyAsync();
        (await gateway.Http.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var response = await StreamAsync(gateway, "Count to 40");

        gateway.Terminate();

        await Conditions.HoldsAsync(async () => (await gateway.Http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).ShouldEndWith("40");
        (await gateway.ExitAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Sigterm_WithADelay_ServesNewRequestsWhileReadinessSaysNo()
    {
        await using var gateway = await GatewayProcess.Start(_folder, ("Gateway__Endpoints__DrainDelay", "10m")).ReadyAsync();

        gateway.Terminate();

        await Conditions.HoldsAsync(async () => (await gateway.Http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable);
        using var response = await StreamAsync(gateway, "Count to 4");
        (await response.Content.ReadAsStringAsync()).ShouldEndWith("4");
        gateway.Output.ShouldContain("new requests are still served");
    }

    [Fact]
    public async Task Sigterm_WithADelay_EndsAfterIt()
    {
        await using var gateway = await GatewayProcess.Start(_folder, ("Gateway__Endpoints__DrainDelay", "1s")).ReadyAsync();

        gateway.Terminate();

        (await gateway.ExitAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Sigterm_CutsOffWhatIsNotDoneInTime()
    {
        await using var gateway = await GatewayProcess.Start(
            _folder, ("Gateway__Providers__offline__WordDelay", "500ms"), ("Gateway__Endpoints__DrainTimeout", "100ms")).ReadyAsync();
        using var response = await StreamAsync(gateway, "Count to 40");

        gateway.Terminate();

        await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
        (await gateway.ExitAsync()).ShouldBe(0);
        gateway.Output.ShouldContain("\"Outcome\":\"gateway_stopping\",\"Endpoint\":\"/chat/stream\"");
    }

    [Fact]
    public async Task Sigterm_TellsAStreamThatIsNotDoneInTime()
    {
        await using var gateway = await GatewayProcess.Start(
            _folder, ("Gateway__Providers__offline__WordDelay", "500ms"), ("Gateway__Endpoints__DrainTimeout", "100ms")).ReadyAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"model":"offline","stream":true,"messages":[{"role":"user","content":"Count to 40"}]}""", Encoding.UTF8, "application/json"),
        };
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        gateway.Terminate();

        var stream = await SseText.ReadAsync(response);
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe("gateway_stopping");
        (stream.Done, stream.Broken).ShouldBe((false, true));
        (await gateway.ExitAsync()).ShouldBe(0);
    }

    [Theory]
    [InlineData("LLM_HOST", "my-gatway")]
    [InlineData("LLM_HOST", "203.0.113.9")]
    [InlineData("LLM_PORT", "0")]
    public async Task AddressThatCannotBeListenedOn_IsToldPlainly(string name, string value)
    {
        await using var gateway = GatewayProcess.Start(_folder, (name, value));

        (await gateway.ExitAsync()).ShouldBe(1);
        gateway.Output.ShouldContain(name);
        gateway.Output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task LogFile_HasTheLinesOfTheConsole()
    {
        var path = Path.Combine(_folder, "logs", "gateway.log");
        await using (var gateway = await GatewayProcess.Start(_folder, ("LLM_LOG_FILE", path)).ReadyAsync())
        {
            await gateway.Http.PostAsync("/chat", new StringContent("""{"prompt":"hello"}""", Encoding.UTF8, "application/json"));
            gateway.Terminate();
            await gateway.ExitAsync();
        }

        var lines = await File.ReadAllLinesAsync(path);
        lines.ShouldContain(line => line.Contains("\"Outcome\":\"ok\"", StringComparison.Ordinal));
        lines.ShouldAllBe(line => !line.Contains("Kestrel.Connections", StringComparison.Ordinal));
    }

    // Returns with the headers, which is with the first word.
    private static async Task<HttpResponseMessage> StreamAsync(GatewayProcess gateway, string prompt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat/stream")
        {
            Content = new StringContent($$"""{"prompt":"{{prompt}}"}""", Encoding.UTF8, "application/json"),
        };
        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<HttpStatusCode> AdministerAsync(GatewayProcess gateway, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/configuration");
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        using var response = await gateway.Http.SendAsync(request);
        return response.StatusCode;
    }
}
