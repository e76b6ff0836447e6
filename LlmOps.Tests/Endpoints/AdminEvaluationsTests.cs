using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Evaluator.Publishing;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Access;
using LlmOps.Tests.Accounting.Ledger;
using LlmOps.Tests.Evaluator.Publishing;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Endpoints;

/// <summary>/admin/evaluations over the socket, on both databases.</summary>
public sealed class AdminEvaluationsTests(PostgresFixture postgres) : GatewayTests, IClassFixture<PostgresFixture>
{
    private const string Path = "/admin/evaluations";

    [Theory, OnSqlite, OnPostgres]
    public async Task Evaluation_IsKeptAndGivenBack(string database)
    {
        await UseAsync(database);
        var sent = Sent();

        var made = await Gateway.AdministerAsync("POST", Path, sent.ToJsonString(), HttpStatusCode.Created);
        var got = await Gateway.AdministerAsync("GET", $"{Path}/{SomeEvaluation.Id.ToUpperInvariant()}");
        var head = (await Gateway.AdministerAsync("GET", Path)).GetProperty("data").EnumerateArray().Single();

        made.GetRawText().ShouldBe(got.GetRawText());
        JsonNode.DeepEquals(JsonNode.Parse(got.GetProperty("evaluation").GetRawText()), sent).ShouldBeTrue();
        foreach (var told in new[] { got, head })
        {
            new[] { "id", "prompt", "baseline", "status", "by" }.Select(name => told.GetProperty(name).GetString()).ShouldBe([SomeEvaluation.Id, "summarizer", "v1", "passed", "administrator"]);
            told.GetProperty("variants").EnumerateArray().Select(name => name.GetString()).ShouldBe(["v2/gpt-4o"]);
            told.GetProperty("cases").GetInt32().ShouldBe(3);
            (told.GetProperty("started_at").GetDateTimeOffset(), told.GetProperty("ended_at").GetDateTimeOffset()).ShouldBe((SomeEvaluation.StartedAt, SomeEvaluation.StartedAt.AddMinutes(1)));
            told.GetProperty("received_at").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        }

        head.TryGetProperty("evaluation", out _).ShouldBeFalse();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task SameAgain_IsAnsweredWithWhatIsKept(string database)
    {
        await UseAsync(database);
        await Gateway.AdministerAsync("POST", Path, Sent().ToJsonString(), HttpStatusCode.Created);
        var other = Sent();
        other["gate"]!["status"] = "Regression";

        var again = await Gateway.AdministerAsync("POST", Path, other.ToJsonString());

        again.GetProperty("status").GetString().ShouldBe("passed");
        (await Gateway.AdministerAsync("GET", Path)).GetProperty("data").GetArrayLength().ShouldBe(1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Parameters_ChooseEvaluations_AndPagesFollowEachOther(string database)
    {
        await UseAsync(database);
        await PostAsync(1, "summarizer", GateStatus.Passed);
        await PostAsync(2, "translator", GateStatus.Regression);
        await PostAsync(3, "summarizer", GateStatus.Incomplete);

        (await MinutesAsync("")).ShouldBe("3 2 1");
        (await MinutesAsync("?prompt=summarizer")).ShouldBe("3 1");
        (await MinutesAsync("?status=regression")).ShouldBe("2");
        (await MinutesAsync("?since=2026-11-20T09:32:00Z")).ShouldBe("3 2");
        var first = await Gateway.AdministerAsync("GET", $"{Path}?limit=2");
        (await MinutesAsync($"?limit=2&after={first.GetProperty("next").GetString()}")).ShouldBe("1");
        first.GetProperty("has_more").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData("status=broken", "status", "expected passed, regression, incomplete")]
    [InlineData("since=yesterday", "since", "expected a time such as")]
    [InlineData("limit=1001", "limit", "from 1 to 1000")]
    [InlineData("after=1", "after", "expected next of the page before")]
    [InlineData("version=v1", "version", "is not a parameter; expected one of prompt, status")]
    public async Task BadParameter_IsNamed(string query, string field, string message)
    {
        var refusal = await Gateway.RefusalAsync("GET", $"{Path}?{query}");

        (refusal.Status, refusal.Code, refusal.Field).ShouldBe((400, "INVALID_VALUE", field));
        refusal.Message.ShouldContain(message);
    }

    [Fact]
    public async Task BodyAtFault_IsRefusedWithTheField()
    {
        var body = Sent();
        body["run"]!["seed"] = "seven";

        var refusal = await Gateway.RefusalAsync("POST", Path, body.ToJsonString());

        (refusal.Status, refusal.Code, refusal.Field).ShouldBe((400, "INVALID_VALUE", "run.seed"));
        refusal.Message.ShouldBe("run.seed is a string, expected an integer.");
        (await Gateway.AdministerAsync("GET", Path)).GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task BodyThatIsTooLarge_IsA413()
    {
        Gateway.With("Gateway:Endpoints:MaxBodyBytes", "2000");

        (await Gateway.RefusalAsync("POST", Path, Sent().ToJsonString())).Status.ShouldBe(413);
    }

    [Fact]
    public async Task OlderOnes_GoWhereThereAreTooMany()
    {
        Gateway.With("Gateway:Prompts:MaxEvaluations", "2");
        await PostAsync(1, "summarizer", GateStatus.Passed);
        await PostAsync(2, "summarizer", GateStatus.Passed);
        await PostAsync(3, "summarizer", GateStatus.Passed);

        (await MinutesAsync("")).ShouldBe("3 2");
        var refusal = await Gateway.RefusalAsync("GET", $"{Path}/{Guid.Empty}");
        (refusal.Status, refusal.Message).ShouldBe((404, $"There is no evaluation '{Guid.Empty}'; the newest 2 are kept."));
    }

    [Theory]
    [InlineData("operator", "GET", 200)]
    [InlineData("operator", "POST", 403)]
    [InlineData("user", "GET", 403)]
    [InlineData("user", "POST", 403)]
    [InlineData("admin", "GET", 200)]
    [InlineData("admin", "POST", 201)]
    public async Task WhoMay_IsAsOfAllAdministration(string role, string method, int status)
    {
        var (id, key) = await Gateway.CreateKeyAsync($$"""{"name":"one","roles":["{{role}}"]}""");

        using var response = await Gateway.SendAsync(method, Path, key, method == "POST" ? Sent().ToJsonString() : null);

        ((int)response.StatusCode).ShouldBe(status);
        if (status == 201)
        {
            JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("by").GetString().ShouldBe(id);
            response.Headers.Location!.ToString().ShouldBe($"{Path}/{SomeEvaluation.Id}");
        }
    }

    [Theory]
    [InlineData("GET", Path)]
    [InlineData("GET", $"{Path}/{SomeEvaluation.Id}")]
    [InlineData("POST", Path)]
    public async Task DatabaseThatFails_IsTold(string method, string path)
    {
        using var records = new SqliteDatabase(null, TimeProvider.System);
        var database = new FailingDatabase(records);
        Gateway.WithServices(services => services.AddSingleton<IDatabase>(database));
        _ = Gateway.Http;
        database.IsAway = true;

        var refusal = await Gateway.RefusalAsync(method, path, method == "POST" ? Sent().ToJsonString() : null);

        (refusal.Status, refusal.Code).ShouldBe((503, "DATABASE_UNAVAILABLE"));
    }

    private static JsonObject Sent() => GatewayPublisher.Write(SomeEvaluation.Of());

    private async Task UseAsync(string database)
    {
        if (database == PostgresDatabase.DatabaseName)
        {
            Gateway.With("Gateway:Storage:ConnectionString", await postgres.Server.CreateDatabaseAsync());
            _ = Gateway.Http;
            await TestDatabase.IsUpAsync((PostgresDatabase)Gateway.Services.GetRequiredService<IDatabase>());
        }
    }

    private Task<JsonElement> PostAsync(int minute, string prompt, GateStatus status)
    {
        var evaluation = SomeEvaluation.Of(status) with { Id = Guid.NewGuid().ToString(), Prompt = prompt, StartedAt = SomeEvaluation.StartedAt.AddMinutes(minute), EndedAt = SomeEvaluation.StartedAt.AddMinutes(minute + 1) };
        return Gateway.AdministerAsync("POST", Path, GatewayPublisher.Write(evaluation).ToJsonString(), HttpStatusCode.Created);
    }

    private async Task<string> MinutesAsync(string query) => string.Join(' ', (await Gateway.AdministerAsync("GET", Path + query)).GetProperty("data").EnumerateArray()
        .Select(head => (head.GetProperty("started_at").GetDateTimeOffset() - SomeEvaluation.StartedAt).TotalMinutes));
}
