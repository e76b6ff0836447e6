using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Organisation;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>/admin/teams: the teams of tenants, and what they may do altogether.</summary>
internal static class AdminTeamsEndpoints
{
    public static void MapAdminTeams(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/teams").WithTags("Administration");
        group.MapGet("", List).WithSummary("All teams");
        group.MapGet("/{name}", Get).WithSummary("A team");
        group.MapPut("/{name}", SetAsync).WithMetadata(AdminExamples.Team).WithSummary("Gives a team its limits and budget, in place of those it had");
        group.MapDelete("/{name}", RemoveAsync).WithSummary("Removes a team that nobody belongs to");
    }

    private static Ok<AdminList<TeamReply>> List(HttpContext http, AccessDirectory directory)
    {
        var page = AdminPage.Of(http, "tenant");
        var teams = directory.Current.Teams.After(page.After).Where(team => page.Tenant is null || team.Tenant == page.Tenant);
        return TypedResults.Ok(page.Take(teams.Select(TeamReply.Of), team => team.Name));
    }

    private static Ok<TeamReply> Get(string name, AccessDirectory directory) => TypedResults.Ok(Find(name, directory));

    private static async Task<Ok<TeamReply>> SetAsync(string name, HttpContext http, Tenancy tenancy, AccessDirectory directory, GatewayConfiguration configuration)
    {
        if (!AccessNames.IsName(name))
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"'{Shown.Short(name)}' cannot be a team's name; expected {AccessNames.NameForm}.", "name");
        }

        var fields = await AdminFields.ReadAsync(http, configuration, "tenant", "limits", "budget");
        await tenancy.SetTeamAsync(
            http.Features.GetRequiredFeature<Principal>(), name, fields.Name("tenant"), AccessJson.Of(fields.Limits("limits")), AccessJson.Of(fields.Budget("budget")));
        return TypedResults.Ok(Find(name, directory));
    }

    private static async Task<NoContent> RemoveAsync(string name, HttpContext http, Tenancy tenancy)
    {
        await tenancy.RemoveTeamAsync(http.Features.GetRequiredFeature<Principal>(), name);
        return TypedResults.NoContent();
    }

    private static TeamReply Find(string name, AccessDirectory directory) =>
        TeamReply.Of(directory.Current.Teams.Find(name) ?? throw new GatewayException(ErrorCode.NotFound, $"There is no team '{Shown.Short(name)}'."));
}

/// <summary>A team, as it is told.</summary>
/// <param name="Name">Its name, which is only its.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="Limits">How often and how much all of it together may ask; null for no limits.</param>
/// <param name="Budget">What all of it together may spend; null for no budget.</param>
internal sealed record TeamReply(string Name, string Tenant, RequestLimits? Limits, BudgetForm? Budget)
{
    /// <summary>A team.</summary>
    public static TeamReply Of(Team team) => new(team.Name, team.Tenant, team.Holder.Limits, BudgetForm.Of(team.Holder.Budget));
}
