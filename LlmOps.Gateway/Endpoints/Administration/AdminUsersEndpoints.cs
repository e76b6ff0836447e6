using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Configuration;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>/admin/users: those who log in, and own keys.</summary>
internal static class AdminUsersEndpoints
{
    private static readonly string[] Changeable = ["password", "team", "roles", "limits", "budget", "disabled"];

    public static void MapAdminUsers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/users").WithTags("Administration");
        group.MapPost("", CreateAsync).WithMetadata(AdminExamples.User).WithSummary("Makes a user");
        group.MapGet("", List).WithSummary("All users");
        group.MapGet("/{username}", Get).WithSummary("A user");
        group.MapPatch("/{username}", ChangeAsync).WithMetadata(AdminExamples.UserChange).WithSummary("Changes the given fields of a user; null takes away what it had");
        group.MapDelete("/{username}", RemoveAsync).WithSummary("Removes a user, and revokes its keys");
    }

    private static async Task<Created<UserReply>> CreateAsync(HttpContext http, UserAccounts users, GatewayConfiguration configuration, TimeProvider time)
    {
        var fields = await AdminFields.ReadAsync(http, configuration, ["username", "tenant", .. Changeable]);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var draft = new UserRow
        {
            Name = fields.Username("username") ?? throw AdminFields.Missing("username", AccessNames.UsernameForm),
            Tenant = "",
            Roles = RoleNames.Join(Roles.User),
            CreatedAt = now,
        };
        var row = await users.CreateAsync(Actor(http), fields.Name("tenant"), Apply(fields, now)(draft));
        return TypedResults.Created($"/admin/users/{Uri.EscapeDataString(row.Name)}", UserReply.Of(row));
    }

    private static Ok<AdminList<UserReply>> List(HttpContext http, AccessDirectory directory)
    {
        var page = AdminPage.Of(http, "tenant");
        var users = directory.Current.Users.After(page.After).Where(user => page.Tenant is null || user.Row.Tenant == page.Tenant);
        return TypedResults.Ok(page.Take(users.Select(user => UserReply.Of(user.Row)), user => user.Username));
    }

    private static Ok<UserReply> Get(string username, AccessDirectory directory) =>
        TypedResults.Ok(UserReply.Of((directory.Current.FindUser(username) ?? throw UserAccounts.NotFound(username)).Row));

    private static async Task<Ok<UserReply>> ChangeAsync(string username, HttpContext http, UserAccounts users, GatewayConfiguration configuration, TimeProvider time)
    {
        var fields = await AdminFields.ReadAsync(http, configuration, Changeable);
        return TypedResults.Ok(UserReply.Of(await users.ChangeAsync(Actor(http), username, Apply(fields, time.GetUtcNow().ToUnixTimeMilliseconds()))));
    }

    private static async Task<NoContent> RemoveAsync(string username, HttpContext http, UserAccounts users)
    {
        await users.RemoveAsync(Actor(http), username);
        return TypedResults.NoContent();
    }

    private static Principal Actor(HttpContext http) => http.Features.GetRequiredFeature<Principal>();

    private static Func<UserRow, UserRow> Apply(AdminFields fields, long now)
    {
        // Here, and not while the database waits.
        var hash = fields.Password("password") is { } password ? PasswordHash.Create(password) : null;
        return row => row with
        {
            PasswordHash = fields.Has("password") ? hash : row.PasswordHash,
            Team = fields.Has("team") ? fields.Name("team") : row.Team,
            Roles = fields.Roles("roles") is { } roles ? RoleNames.Join(roles) : row.Roles,
            Limits = fields.Has("limits") ? AccessJson.Of(fields.Limits("limits")) : row.Limits,
            Budget = fields.Has("budget") ? AccessJson.Of(fields.Budget("budget")) : row.Budget,
            DisabledAt = fields.Flag("disabled") switch
            {
                null => row.DisabledAt,
                true => row.DisabledAt ?? now,
                false => null,
            },
        };
    }
}

/// <summary>A user, as it is told.</summary>
/// <param name="Username">What it logs in with.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="Team">Its team; null for none.</param>
/// <param name="Roles">user, operator, admin.</param>
/// <param name="HasPassword">Whether it can log in.</param>
/// <param name="Disabled">Whether it may do nothing, nor may its keys.</param>
/// <param name="Limits">How often and how much it and its keys may ask; null for no limits.</param>
/// <param name="Budget">What it and its keys may spend; null for no budget.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record UserReply(
    string Username, string Tenant, string? Team, IReadOnlyList<string> Roles, bool HasPassword, bool Disabled, RequestLimits? Limits, BudgetForm? Budget, DateTimeOffset CreatedAt)
{
    /// <summary>The user of a row.</summary>
    public static UserReply Of(UserRow row) => new(
        row.Name, row.Tenant, row.Team, RoleNames.Of(RoleNames.Split(row.Roles)), row.PasswordHash is not null, row.DisabledAt is not null,
        AccessJson.Limits(row.Limits), BudgetForm.Of(AccessJson.Budget(row.Budget)), DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt));
}
