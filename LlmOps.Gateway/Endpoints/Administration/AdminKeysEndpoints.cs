using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Parameters;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Guardrails;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>/admin/keys: virtual keys.</summary>
internal static class AdminKeysEndpoints
{
    private const long DefaultOverlap = 86_400;
    private const long LongestOverlap = 30 * 86_400;

    private static readonly string[] Changeable = ["name", "team", "user", "roles", "models", "prompts", "tools", "limits", "budget", "parameters", "guardrails", "expires_at", "metadata"];

    public static void MapAdminKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/keys").WithTags("Administration");
        group.MapPost("", CreateAsync).WithMetadata(AdminExamples.Key).WithSummary("Makes a key, which is shown this once");
        group.MapGet("", List).WithSummary("All keys, the revoked ones too");
        group.MapGet("/{id}", Get).WithSummary("A key");
        group.MapPatch("/{id}", ChangeAsync).WithMetadata(AdminExamples.Key).WithSummary("Changes the given fields of a key; null takes away what it had");
        group.MapDelete("/{id}", RevokeAsync).WithSummary("Revokes a key, on all replicas within a second");
        group.MapPost("/{id}/rotate", RotateAsync).WithMetadata(AdminExamples.Rotation).WithSummary("Replaces a key; the one before still holds for overlap_seconds");
    }

    private static async Task<Created<VirtualKeyReply>> CreateAsync(HttpContext http, VirtualKeys keys, GatewayConfiguration configuration, TimeProvider time)
    {
        var fields = await AdminFields.ReadAsync(http, configuration, [.. Changeable, "tenant"]);
        var now = time.GetUtcNow();
        var draft = new KeyRow
        {
            Id = KeyText.CreateId(time),
            Name = fields.Label("name") ?? throw AdminFields.Missing("name", "what the key is for"),
            Hash = "",
            Tenant = "",
            Roles = RoleNames.Join(Roles.User),
            CreatedAt = now.ToUnixTimeMilliseconds(),
        };
        var (row, key) = await keys.CreateAsync(Actor(http), fields.Name("tenant"), Apply(fields, draft, now));
        return TypedResults.Created($"/admin/keys/{row.Id}", Show(http, row, key, now));
    }

    private static Ok<AdminList<VirtualKeyReply>> List(HttpContext http, AccessDirectory directory, TimeProvider time)
    {
        var page = AdminPage.Of(http, "tenant");
        var now = time.GetUtcNow();
        var keys = directory.Current.Keys.After(page.After).Where(key => page.Tenant is null || key.Row.Tenant == page.Tenant);
        return TypedResults.Ok(page.Take(keys.Select(key => VirtualKeyReply.Of(key.Row, null, now)), reply => reply.Id));
    }

    private static Ok<VirtualKeyReply> Get(string id, AccessDirectory directory, TimeProvider time) =>
        TypedResults.Ok(VirtualKeyReply.Of((directory.Current.Keys.Find(id) ?? throw VirtualKeys.NotFound(id)).Row, null, time.GetUtcNow()));

    private static async Task<Ok<VirtualKeyReply>> ChangeAsync(string id, HttpContext http, VirtualKeys keys, GatewayConfiguration configuration, TimeProvider time)
    {
        var fields = await AdminFields.ReadAsync(http, configuration, Changeable);
        var now = time.GetUtcNow();
        return TypedResults.Ok(VirtualKeyReply.Of(await keys.ChangeAsync(Actor(http), id, row => Apply(fields, row, now)), null, now));
    }

    private static async Task<Ok<VirtualKeyReply>> RevokeAsync(string id, HttpContext http, VirtualKeys keys, TimeProvider time) =>
        TypedResults.Ok(VirtualKeyReply.Of(await keys.RevokeAsync(Actor(http), id), null, time.GetUtcNow()));

    private static async Task<Ok<VirtualKeyReply>> RotateAsync(string id, HttpContext http, VirtualKeys keys, GatewayConfiguration configuration, TimeProvider time)
    {
        var fields = await AdminFields.ReadAsync(http, configuration, "overlap_seconds");
        var overlap = TimeSpan.FromSeconds(fields.Whole("overlap_seconds", 0, LongestOverlap) ?? DefaultOverlap);
        var (row, key) = await keys.RotateAsync(Actor(http), id, overlap);
        return TypedResults.Ok(Show(http, row, key, time.GetUtcNow()));
    }

    private static Principal Actor(HttpContext http) => http.Features.GetRequiredFeature<Principal>();

    private static KeyRow Apply(AdminFields fields, KeyRow row, DateTimeOffset now) => row with
    {
        Name = fields.Label("name") ?? row.Name,
        Team = fields.Has("team") ? fields.Name("team") : row.Team,
        UserName = fields.Has("user") ? fields.Username("user") : row.UserName,
        Roles = fields.Roles("roles") is { } roles ? RoleNames.Join(roles) : row.Roles,
        Models = fields.Has("models") ? AccessJson.Of(fields.Names("models")) : row.Models,
        Prompts = fields.Has("prompts") ? AccessJson.Of(fields.Names("prompts")) : row.Prompts,
        Tools = fields.Has("tools") ? AccessJson.Of(fields.Names("tools")) : row.Tools,
        Limits = fields.Has("limits") ? AccessJson.Of(fields.Limits("limits")) : row.Limits,
        Budget = fields.Has("budget") ? AccessJson.Of(fields.Budget("budget")) : row.Budget,
        Parameters = fields.Has("parameters") ? AccessJson.Of(fields.Parameters("parameters")) : row.Parameters,
        Guardrails = fields.Has("guardrails") ? AccessJson.Of(fields.Guardrails("guardrails")) : row.Guardrails,
        ExpiresAt = fields.Has("expires_at") ? fields.Expiry("expires_at", now) : row.ExpiresAt,
        Metadata = fields.Has("metadata") ? fields.Metadata("metadata") : row.Metadata,
    };

    private static VirtualKeyReply Show(HttpContext http, KeyRow row, string key, DateTimeOffset now)
    {
        http.Response.Headers.CacheControl = "no-store";
        return VirtualKeyReply.Of(row, key, now);
    }
}

/// <summary>A virtual key, as it is told.</summary>
/// <param name="Id">What it is called by.</param>
/// <param name="Key">The key itself; only where it was made just now.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Status">active, expired or revoked.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="Team">Its team; null for none.</param>
/// <param name="User">Its user; null for none.</param>
/// <param name="Roles">user, operator, admin.</param>
/// <param name="Models">The models that it may ask; null for all.</param>
/// <param name="Prompts">The prompts that it may use; null for all.</param>
/// <param name="Tools">The gateway's tools that models may be offered for it; null where it says nothing of them.</param>
/// <param name="Limits">How often and how much it may ask; null for no limits of its own.</param>
/// <param name="Budget">What it may spend; null for no budget of its own.</param>
/// <param name="Parameters">The ranges that its parameters must lie in; null for none of its own.</param>
/// <param name="Guardrails">The modes of its guardrails; null for none of its own.</param>
/// <param name="Metadata">Whatever its maker put there.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="RevokedAt">When it was revoked; null where it is not.</param>
/// <param name="PreviousExpiresAt">How long the key before the last rotation holds; null where there was none.</param>
internal sealed record VirtualKeyReply(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    string Name,
    string Status,
    string Tenant,
    string? Team,
    string? User,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string>? Models,
    IReadOnlyList<string>? Prompts,
    IReadOnlyList<string>? Tools,
    RequestLimits? Limits,
    BudgetForm? Budget,
    ParameterPolicy? Parameters,
    GuardrailModes? Guardrails,
    JsonElement? Metadata,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? PreviousExpiresAt)
{
    /// <summary>The key of a row.</summary>
    public static VirtualKeyReply Of(KeyRow row, string? key, DateTimeOffset now) => new(
        row.Id,
        key,
        row.Name,
        row.RevokedAt is not null ? "revoked" : row.ExpiresAt <= now.ToUnixTimeMilliseconds() ? "expired" : "active",
        row.Tenant,
        row.Team,
        row.UserName,
        RoleNames.Of(RoleNames.Split(row.Roles)),
        AccessJson.Names(row.Models),
        AccessJson.Names(row.Prompts),
        AccessJson.Names(row.Tools),
        AccessJson.Limits(row.Limits),
        BudgetForm.Of(AccessJson.Budget(row.Budget)),
        AccessJson.Parameters(row.Parameters),
        AccessJson.Guardrails(row.Guardrails),
        row.Metadata is null ? null : JsonElement.Parse(row.Metadata),
        TimeOf(row.CreatedAt)!.Value,
        TimeOf(row.ExpiresAt),
        TimeOf(row.RevokedAt),
        TimeOf(row.PreviousUntil));

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{nameof(VirtualKeyReply)} {Id}";

    private static DateTimeOffset? TimeOf(long? milliseconds) => milliseconds is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}
