using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Organisation;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>/admin/tenants: what tenants may do altogether.</summary>
internal static class AdminTenantsEndpoints
{
    public static void MapAdminTenants(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/tenants").WithTags("Administration");
        group.MapGet("", List).WithSummary("All tenants");
        group.MapGet("/{name}", Get).WithSummary("A tenant");
        group.MapPut("/{name}", SetAsync).WithMetadata(AdminExamples.Tenant).WithSummary("Gives a tenant its limits and budget, in place of those it had");
        group.MapDelete("/{name}", RemoveAsync).WithSummary("Removes a tenant that nobody belongs to");
    }

    private static Ok<AdminList<TenantReply>> List(HttpContext http, AccessDirectory directory)
    {
        var page = AdminPage.Of(http);
        return TypedResults.Ok(page.Take(directory.Current.Tenants.After(page.After).Select(TenantReply.Of), tenant => tenant.Name));
    }

    private static Ok<TenantReply> Get(string name, AccessDirectory directory) =>
        TypedResults.Ok(TenantReply.Of(directory.Current.Tenants.Find(name) ?? throw new GatewayException(ErrorCode.NotFound, $"There is no tenant '{Shown.Short(name)}'.")));

    private static async Task<Ok<TenantReply>> SetAsync(string name, HttpContext http, Tenancy tenancy, GatewayConfiguration configuration)
    {
        if (!AccessNames.IsName(name))
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"'{Shown.Short(name)}' cannot be a tenant's name; expected {AccessNames.NameForm}.", "name");
        }

        var fields = await AdminFields.ReadAsync(http, configuration, "limits", "budget");
        var (limits, budget) = (fields.Limits("limits"), fields.Budget("budget"));
        await tenancy.SetTenantAsync(http.Features.GetRequiredFeature<Principal>(), new TenantRow { Name = name, Limits = AccessJson.Of(limits), Budget = AccessJson.Of(budget) });
        return TypedResults.Ok(new TenantReply(name, limits, BudgetForm.Of(budget)));
    }

    private static async Task<NoContent> RemoveAsync(string name, HttpContext http, Tenancy tenancy)
    {
        await tenancy.RemoveTenantAsync(http.Features.GetRequiredFeature<Principal>(), name);
        return TypedResults.NoContent();
    }
}

/// <summary>A tenant, as it is told.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Limits">How often and how much all of it together may ask; null for no limits.</param>
/// <param name="Budget">What all of it together may spend; null for no budget.</param>
internal sealed record TenantReply(string Name, RequestLimits? Limits, BudgetForm? Budget)
{
    /// <summary>A tenant.</summary>
    public static TenantReply Of(Tenant tenant) => new(tenant.Name, tenant.Holder.Limits, BudgetForm.Of(tenant.Holder.Budget));
}
