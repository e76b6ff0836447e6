using System.Net;
using System.Text;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Faults;

/// <summary>
/// Every secret that the gateway has, is given or makes is marked, every endpoint and many failures are driven with them, and
/// nothing that the gateway writes or answers may have one in it: outputs, log file, data folder, telemetry, answers, headers.
/// </summary>
public sealed class SecretCanaryTests : IAsyncLifetime
{
    private const string Mark = "canary7f3a9";
    private const string AdministratorKey = $"sk-{Mark}-administrator";
    private const string AdministratorPassword = $"first-{Mark}/pass+word";
    private const string UserPassword = $"users-{Mark} \"pass\\word";
    private const string Wrong = $"wrong-{Mark}-0123456789";

    private static readonly int[] Statuses = [401, 400, 403, 404, 429, 500, 503, 302, 422];

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private readonly SecretScan _scan = new();
    private readonly FakeServer _collector = new(_ => FakeReply.Json(200, "{}"));

    private readonly FakeServer _tools = new(request => FakeReply.Json(401, $"{{\"error\":\"{request.Headers.Authorization} and {request.Headers["x-key"]} are wrong\"}}"));

    // A provider at its worst: each status in turn, and the credential in the message, the body and a header.
    private readonly FakeServer _provider = new();
    private int _asked;

    public Task InitializeAsync()
    {
        _scan.Guard(Mark);
        _provider.Handler = request =>
        {
            var shown = request.Headers.Authorization.ToString() + request.Headers["x-api-key"] + request.Headers["x-goog-api-key"];
            var status = Statuses[Interlocked.Increment(ref _asked) % Statuses.Length];
            return FakeOpenAI.Error(status, $"Incorrect API key provided: {shown}", code: shown).Header("x-key", shown).Header("location", $"http://127.0.0.1:1/?key={shown}");
        };
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _provider.DisposeAsync();
        await _collector.DisposeAsync();
        await _tools.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task EveryEndpointAndFailure_ShowsNoSecret()
    {
        await using (var gateway = await StartAsync())
        {
            await AdministerAsync(gateway);
            await LogInAsync(gateway);
            await CallEveryRouteAsync(gateway);
            await FailAtProvidersAsync(gateway);
            gateway.Terminate();
            (await gateway.ExitAsync()).ShouldBe(0);
            _scan.See("output", gateway.Output);
        }

        SeeFiles();
        foreach (var request in _collector.Requests)
        {
            _scan.See($"telemetry {request.Path}", request.Body);
        }

        // What was to be looked at was there.
        _scan.HasSeen("output", "Outcome").ShouldBeTrue();
        _scan.HasSeen("file gateway.log", "Outcome").ShouldBeTrue();
        _scan.HasSeen("file data/llmops.db", "ann@example.com").ShouldBeTrue();
        _scan.Seen("telemetry /v1/traces").ShouldBePositive();
        _scan.Seen("telemetry /v1/metrics").ShouldBePositive();
        _scan.Seen("telemetry /v1/logs").ShouldBePositive();
        _scan.HasSeen("GET /admin/users", "ann@example.com").ShouldBeTrue();
        _provider.Requests.Count(request => request.Headers.Authorization == $"Bearer sk-{Mark}-openai" && request.Path.StartsWith("/v1/chat", StringComparison.Ordinal)).ShouldBeGreaterThan(8);
        _provider.Requests.Select(request => request.Path).Distinct().Count().ShouldBeGreaterThan(3);
        _tools.Requests.ShouldContain(request => request.Headers.Authorization == $"Bearer {Mark}-mcp");
        _scan.Find().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("DATABASE_URL", $"postgres://ann:{Mark}%zz@[::bad/llmops")]
    [InlineData("DATABASE_URL", $"Host=h;Passwort={Mark}")]
    [InlineData("REDIS_URL", $"redis://ann:{Mark}@host:notaport/0")]
    [InlineData("REDIS_URL", $"host:6379,passwort={Mark}")]
    [InlineData("API_SECRET_KEY", Mark)]
    [InlineData("LLMOPS_ADMIN_PASSWORD", Mark)]
    [InlineData("Gateway__Providers__openai__ApiKey__Typo", Mark)]
    [InlineData("Gateway__Caching__Semantic__Qdrant__Endpoint", $"Endpoint=http//x;Key={Mark}")]
    [InlineData("QDRANT_URL", $"ftp://ann:{Mark}@host")]
    [InlineData("TEI_URL", $"host?key={Mark}")]
    [InlineData("OPENAI_BASE_URL", $"http://ann:{Mark}@host/v1")]
    [InlineData("OPENAI_BASE_URL", $"http://host/v1?key={Mark}")]
    [InlineData("OLLAMA_HOST", $"http://ann:{Mark}@host")]
    [InlineData("ConnectionStrings__qdrant", $"Endpoint=x;Key={Mark}")]
    public async Task FaultyConfiguration_EndsWithoutShowingASecret(string name, string value)
    {
        await using var gateway = GatewayProcess.Start(
            _folder, (name, value), ("LLM_LOG_LEVEL", "loud"), ("OPENAI_API_KEY", $"sk-{Mark}"), ("LLMOPS_ADMIN_USERNAME", "root"), ("LLMOPS_ADMIN_KEY", AdministratorKey));

        (await gateway.ExitAsync()).ShouldBe(1);
        _scan.See("output", gateway.Output);
        SeeFiles();
        _scan.HasSeen("output", "LLM_LOG_LEVEL").ShouldBeTrue(gateway.Output);
        _scan.Find().ShouldBeEmpty();
    }

    [Theory]
    [InlineData($$"""{"Gateway":{"Providers":{"openai":{"ApiKey":"sk-{{Mark}}" """)]
    [InlineData($$$"""{"Gateway":{"Providers":{"openai":{"ApiKey":["sk-{{{Mark}}}"]}},"Typo":1}}""")]
    public async Task FaultySettingsFile_EndsWithoutShowingASecret(string json)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"), json);

        await using var gateway = GatewayProcess.Start(_folder);

        (await gateway.ExitAsync()).ShouldBe(1);
        gateway.Output.ShouldNotBeEmpty();
        _scan.See("output", gateway.Output);
        _scan.Find().ShouldBeEmpty();
    }

    private Task<GatewayProcess> StartAsync() => GatewayProcess.Start(
        _folder,
        ("LLMOPS_ADMIN_KEY", AdministratorKey),
        ("LLMOPS_ADMIN_USERNAME", "root"),
        ("LLMOPS_ADMIN_PASSWORD", AdministratorPassword),
        ("API_SECRET_KEY", $"token-{Mark}-0123456789012345678901234567890"),
        ("OPENAI_API_KEY", $"sk-{Mark}-openai"),
        ("OPENAI_BASE_URL", new Uri(_provider.BaseAddress, "v1").ToString()),
        ("ANTHROPIC_API_KEY", $"sk-{Mark}-anthropic"),
        ("Gateway__Providers__anthropic__BaseUrl", _provider.BaseAddress.ToString()),
        ("GEMINI_API_KEY", $"AIza-{Mark}-gemini"),
        ("Gateway__Providers__gemini__BaseUrl", _provider.BaseAddress.ToString()),
        ("GROQ_API_KEY", $"gsk-{Mark}-groq"),
        ("Gateway__Providers__groq__BaseUrl", "http://127.0.0.1:1/v1"),
        ("REDIS_URL", $"redis://ann:{Mark}-redis@127.0.0.1:1/0"),
        ("TEI_URL", _provider.BaseAddress.ToString()),
        ("Gateway__Embeddings__ApiKey", $"{Mark}-tei"),
        ("Gateway__Caching__Semantic__Mode", "On"),
        ("QDRANT_URL", $"http://ann:{Mark}@127.0.0.1:1"),
        ("Gateway__Caching__Semantic__Qdrant__ApiKey", $"{Mark}-qdrant"),
        ("Gateway__Functions__Servers__docs__Url", _tools.BaseAddress.ToString()),
        ("Gateway__Functions__Servers__docs__ApiKey", $"{Mark}-mcp"),
        ("Gateway__Functions__Servers__docs__Headers__x-key", $"{Mark}-mcp-header"),
        ("Gateway__DefaultModel", "gpt-4o-mini"),
        ("Gateway__Access__Mode", "Required"),
        ("Gateway__Access__AddressLimits__RequestsPerMinute", "1000000"),
        ("Gateway__DetectOllama", "false"),
        ("LLM_LOG_LEVEL", "Trace"),
        ("Gateway__Routing__TriesPerTarget", "1"),
        ("Gateway__Routing__KeyCooldown", "0s"),
        ("Gateway__Routing__Breaker__MinimumCalls", "1000000"),
        ("LLM_LOG_FILE", Path.Combine(_folder, "gateway.log")),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", _collector.BaseAddress.ToString()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_HEADERS", $"x-key={Mark}-collector")).ReadyAsync();

    private async Task AdministerAsync(GatewayProcess gateway)
    {
        await SendAsync(gateway, "PUT", "/admin/tenants/acme", AdministratorKey, "{}");
        await SendAsync(gateway, "POST", "/admin/users", AdministratorKey, JsonSerializer.Serialize(new { username = "ann@example.com", password = UserPassword, tenant = "acme" }));
        await SendAsync(gateway, "PATCH", "/admin/users/ann@example.com", AdministratorKey, JsonSerializer.Serialize(new { password = UserPassword + "2" }));
        await SendAsync(gateway, "PATCH", "/admin/users/ann@example.com", AdministratorKey, JsonSerializer.Serialize(new { password = new[] { UserPassword } }));
        await SendAsync(gateway, "POST", "/admin/users", AdministratorKey, JsonSerializer.Serialize(new { username = "bob", password = Mark }));
        var made = JsonElement.Parse(await SendAsync(gateway, "POST", "/admin/keys", AdministratorKey, """{"name":"ci"}""", shown: "key"));
        var id = made.GetProperty("id").GetString();
        await SendAsync(gateway, "POST", $"/admin/keys/{id}/rotate", AdministratorKey, "{}", shown: "key");
        await AskAsync(gateway, made.GetProperty("key").GetString()!, "offline");
        await SendAsync(gateway, "DELETE", $"/admin/keys/{id}", AdministratorKey);
        await AskAsync(gateway, made.GetProperty("key").GetString()!, "offline");
    }

    private async Task LogInAsync(GatewayProcess gateway)
    {
        foreach (var (name, password) in new[] { ("ann@example.com", UserPassword + "2"), ("root", AdministratorPassword) })
        {
            var tokens = JsonElement.Parse(await SendAsync(gateway, "POST", "/auth/login", null, Login(name, password), shown: "access_token refresh_token"));
            var (access, refresh) = (tokens.GetProperty("access_token").GetString()!, JsonSerializer.Serialize(new { refresh_token = tokens.GetProperty("refresh_token").GetString() }));
            await SendAsync(gateway, "GET", "/auth/verify", access);
            await SendAsync(gateway, "GET", "/auth/verify", access + "x");
            await SendAsync(gateway, "POST", "/auth/refresh", null, refresh, shown: "access_token refresh_token");
            await SendAsync(gateway, "POST", "/auth/refresh", null, refresh);
            await SendAsync(gateway, "POST", "/auth/logout", access);
            await SendAsync(gateway, "GET", "/v1/models", access);
        }

        await SendAsync(gateway, "POST", "/auth/login", null, Login("ann@example.com", Wrong));
        await SendAsync(gateway, "POST", "/auth/login", null, Login("nobody", Wrong));
        await SendAsync(gateway, "POST", "/auth/login", null, Login("ann@example.com", Wrong)[..^3]);
        await SendAsync(gateway, "POST", "/auth/login", null, $$"""{"username":"ann@example.com","password":["{{Wrong}}"]}""");
        await SendAsync(gateway, "POST", "/auth/login", null, $$"""{"username":"ann@example.com","password":"{{Wrong}}\ud800"}""");
        await SendAsync(gateway, "POST", "/auth/login", null, $$"""{"password":"{{Wrong}}"}""");
        await SendAsync(gateway, "POST", "/auth/login", null, $"username=ann&password={Wrong}");
        await SendAsync(gateway, "POST", "/auth/refresh", null, $$"""{"refresh_token":"{{Wrong}}"}""");
        await SendAsync(gateway, "POST", "/auth/refresh", null, $$"""{"refresh_token":{"{{Wrong}}":1} }""");
    }

    // Every operation of the document, with right and wrong credentials, its own example, and what is no JSON.
    private async Task CallEveryRouteAsync(GatewayProcess gateway)
    {
        var document = JsonElement.Parse(await SendAsync(gateway, "GET", "/openapi/v1.json", AdministratorKey));
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(operation => operation.Value.ValueKind == JsonValueKind.Object).Select(operation => (Path: path.Name, Method: operation.Name.ToUpperInvariant(), Operation: operation.Value))).ToList();
        operations.Count.ShouldBeGreaterThan(30);
        foreach (var (path, method, operation) in operations)
        {
            var example = operation.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty("application/json", out var json) && json.TryGetProperty("example", out var given)
                ? given.GetRawText()
                : null;
            var shown = (method, path) is ("POST", "/admin/keys") or ("POST", "/admin/keys/{id}/rotate") ? "key" : "";
            var address = path.Replace("{username}", "nobody", StringComparison.Ordinal).Replace("{name}", "acme", StringComparison.Ordinal).Replace("{id}", "key_none", StringComparison.Ordinal);
            await SendAsync(gateway, method, address, null, example);
            await SendAsync(gateway, method, address, Wrong, example);
            await SendAsync(gateway, method, address, AdministratorKey, example, shown);
            await SendAsync(gateway, method, address, AdministratorKey, $$"""{"password":"{{Wrong}}", """);
        }

        foreach (var (header, value) in new[]
        {
            ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"ann:{Wrong}"))),
            ("Authorization", Wrong),
            ("Authorization", $"Bearer eyJ{Wrong}.{Wrong}.{Wrong}"),
            ("x-api-key", Wrong),
            ("Cookie", $"session={Wrong}"),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
            request.Headers.TryAddWithoutValidation(header, value);
            await SeeAsync(gateway, request, $"GET /v1/models with {header}", "");
        }
    }

    private async Task FailAtProvidersAsync(GatewayProcess gateway)
    {
        foreach (var model in new[] { "gpt-4o-mini", "claude-sonnet", "gemini-2.5-flash" })
        {
            for (var time = 0; time < Statuses.Length; time++)
            {
                await AskAsync(gateway, AdministratorKey, model, stream: time % 2 == 0);
                await AskAsync(gateway, AdministratorKey, model, stream: time % 2 == 0);
            }
        }

        // Nobody listens there, and no key is known.
        await AskAsync(gateway, AdministratorKey, "groq/llama");
        await AskAsync(gateway, AdministratorKey, "openrouter/auto");

        await SendAsync(gateway, "POST", "/v1/embeddings", AdministratorKey, """{"model":"tei","input":"a"}""");
        await SendAsync(gateway, "POST", "/v1/embeddings", AdministratorKey, """{"model":"text-embedding-3-small","input":"a"}""");
        await SendAsync(gateway, "POST", "/chat/stream", AdministratorKey, """{"prompt":"a"}""");
        foreach (var path in new[] { "/admin/users", "/admin/configuration", "/admin/models", "/admin/usage", "/admin/keys", "/health", "/health/ready", "/info", "/stats", "/metrics", "/docs/index.html" })
        {
            await SendAsync(gateway, "GET", path, AdministratorKey);
        }
    }

    private Task<string> AskAsync(GatewayProcess gateway, string key, string model, bool stream = false) =>
        SendAsync(gateway, "POST", "/v1/chat/completions", key, JsonSerializer.Serialize(new { model, stream, messages = new[] { new { role = "user", content = "What is 6 * 7?" } } }));

    private async Task<string> SendAsync(GatewayProcess gateway, string method, string path, string? credential, string? json = null, string shown = "")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
        if (credential is not null)
        {
            request.Headers.Authorization = new("Bearer", credential);
        }

        return await SeeAsync(gateway, request, $"{method} {path}", shown);
    }

    // What an answer is there to show once is a secret from then on, and taken out of this one answer.
    private async Task<string> SeeAsync(GatewayProcess gateway, HttpRequestMessage request, string name, string shown)
    {
        using var response = await gateway.Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        var seen = body;
        if (shown.Length > 0 && response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created)
        {
            foreach (var secret in shown.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(field => JsonElement.Parse(body).GetProperty(field).GetString()!))
            {
                _scan.Guard(secret);
                seen = seen.Replace(secret, "", StringComparison.Ordinal);
            }
        }

        _scan.See($"{name} {(int)response.StatusCode}", $"{response.Headers}{response.Content.Headers}\n{seen}");
        return body;
    }

    private void SeeFiles()
    {
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories))
        {
            _scan.See($"file {Path.GetRelativePath(_folder, file)}", File.ReadAllBytes(file));
        }
    }

    private static string Login(string username, string password) => JsonSerializer.Serialize(new { username, password });
}
