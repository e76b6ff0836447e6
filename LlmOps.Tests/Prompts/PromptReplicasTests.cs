using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LlmOps.Tests.Access;

namespace LlmOps.Tests.Prompts;

/// <summary>Three gateways over one PostgreSQL, with Redis: they share labels and experiments.</summary>
public class PromptReplicasTests : ReplicatedTests
{
    private static readonly object Variables = new { name = "Ada" };

    public PromptReplicasTests()
    {
        foreach (var version in Enumerable.Range(1, 2))
        {
            var folder = Directory.CreateDirectory(Path.Combine(Folder, "prompts/greeter")).FullName;
            File.WriteAllText(Path.Combine(folder, $"v{version}.yaml"), $"name: greeter\nversion: v{version}\nmodel: offline\nuser: Hello {{{{name}}}}\n");
        }

        File.WriteAllText(Path.Combine(Folder, "prompts/greeter/labels.yaml"), "production: v1\n");
    }

    private protected override IEnumerable<(string Name, string Value)> Settings => [("Gateway__Prompts__Folder", Path.Combine(Folder, "prompts"))];

    [ReplicasFact]
    public async Task LabelThatIsMovedOnOne_IsInForceOnAll_AndMovedOnceByTheFile()
    {
        await MoveAsync(0, "v2");
        await EverywhereAsync("v2");
        await MoveAsync(1, "v1");
        await EverywhereAsync("v1");

        // Each of the three has said what labels.yaml says.
        (await ScalarAsync("SELECT COUNT(*) FROM prompt_moves WHERE source = 'file'")).ShouldBe(1);
        (await ScalarAsync("SELECT COUNT(*) FROM prompt_moves WHERE source = 'api'")).ShouldBe(2);
    }

    [ReplicasFact]
    public async Task UserSeesTheSameVariantEverywhere_AndAfterARestart()
    {
        using var made = await Gateways[0].Http.PostAsJsonAsync("/admin/experiments", new
        {
            name = "everywhere",
            prompt = "greeter",
            unit = "user",
            state = "running",
            variants = new[] { new { version = "v1" }, new { version = "v2" } },
        });
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        foreach (var replica in Enumerable.Range(0, Replicas))
        {
            await Conditions.HoldsAsync(async () => (await SeenAsync(replica, 1)).Single().Variant is not null);
        }

        var first = await SeenAsync(0, 30);
        await Gateways[1].KillAsync();
        await Gateways[1].DisposeAsync();
        Gateways[1] = await Start(1).ReadyAsync();
        Gateways[1].Http.DefaultRequestHeaders.Authorization = new("Bearer", AdministratorKey);

        first.Select(seen => seen.Version).Distinct().Count().ShouldBe(2);
        (await SeenAsync(1, 30)).ShouldBe(first);
        (await SeenAsync(2, 30)).ShouldBe(first);
    }

    [ReplicasFact]
    public async Task WithoutTheDatabase_LabelsStay_ThroughARestart_AndCannotBeMoved()
    {
        await MoveAsync(0, "v2");
        await EverywhereAsync("v2");
        await Postgres.KillAsync();
        await Gateways[2].KillAsync();
        await Gateways[2].DisposeAsync();
        Gateways[2] = await Start(2).ReadyAsync();
        Gateways[2].Http.DefaultRequestHeaders.Authorization = new("Bearer", AdministratorKey);

        using var moved = await Gateways[0].Http.PutAsJsonAsync("/admin/prompts/greeter/labels/production", new { version = "v1" });

        moved.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        foreach (var replica in Enumerable.Range(0, Replicas))
        {
            (await SeenAsync(replica, 1)).Single().Version.ShouldBe("greeter@v2");
        }

        await Postgres.RestartAsync();
        await Conditions.HoldsAsync(async () =>
        {
            using var again = await Gateways[2].Http.PutAsJsonAsync("/admin/prompts/greeter/labels/production", new { version = "v1" });
            return again.IsSuccessStatusCode;
        });
        await EverywhereAsync("v1");
    }

    private async Task MoveAsync(int replica, string version)
    {
        using var moved = await Gateways[replica].Http.PutAsJsonAsync("/admin/prompts/greeter/labels/production", new { version });
        moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
    }

    private async Task EverywhereAsync(string version)
    {
        foreach (var gateway in Gateways)
        {
            await Conditions.HoldsAsync(async () =>
            {
                using var rendered = await gateway.Http.PostAsJsonAsync("/prompts/greeter/render", new { variables = Variables });
                return rendered.IsSuccessStatusCode && (await rendered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("version").GetString() == version;
            });
        }
    }

    private async Task<List<(string? Version, string? Variant)>> SeenAsync(int replica, int users)
    {
        List<(string?, string?)> seen = [];
        for (var user = 0; user < users; user++)
        {
            using var response = await Gateways[replica].Http.PostAsJsonAsync("/prompts/greeter/run", new { variables = Variables, user = $"user-{user}" });
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            seen.Add((response.Headers.GetValues("X-LlmOps-Prompt").Single(), response.Headers.TryGetValues("X-LlmOps-Variant", out var variant) ? variant.Single() : null));
        }

        return seen;
    }
}

/// <summary>The same without Redis.</summary>
public sealed class PromptReplicasWithoutRedisTests : PromptReplicasTests
{
    private protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("REDIS_ENABLED", "false")];
}
