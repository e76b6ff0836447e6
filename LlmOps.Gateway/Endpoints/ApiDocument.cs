using LlmOps.Gateway.Configuration;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LlmOps.Gateway.Endpoints;

/// <summary>The OpenAPI document at /openapi/v1.json and its page at /docs.</summary>
internal static class ApiDocument
{
    private const string DocumentName = "v1";
    private const string Path = "/openapi/v1.json";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi(DocumentName, options =>
        {
            options.AddOperationTransformer(ApiExamples.Transform);
            options.AddDocumentTransformer((document, context, _) =>
            {
                var endpoints = context.ApplicationServices.GetRequiredService<GatewayConfiguration>().Current.Options.Endpoints;
                document.Info = new OpenApiInfo
                {
                    Title = "LlmOps gateway",
                    Version = ProgramVersion.Shown(endpoints),
                    Description = "One API in front of every model provider. Errors: docs/api.md.",
                };

                // The page is served by the gateway itself, under whatever name it was reached.
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key; in open mode only administration needs one." },
                };
                document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
                return Task.CompletedTask;
            });
        });

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapGet(Path, WriteAsync);
        app.MapGet("/", () => TypedResults.Redirect("/docs")).ExcludeFromDescription();
        app.UseLate(http => http.Request.Path.StartsWithSegments("/docs"), docs => docs.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "docs";
            ui.DocumentTitle = "LlmOps gateway";
            ui.SwaggerEndpoint(Path, "LlmOps gateway");
        }));
    }

    // MapOpenApi has its route's code made at each start, by what makes code of expressions.
    private static async Task WriteAsync(HttpContext http)
    {
        var document = await http.RequestServices.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName).GetOpenApiDocumentAsync(http.RequestAborted);
        http.Response.ContentType = "application/json;charset=utf-8";
        await http.Response.WriteAsync(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, http.RequestAborted), http.RequestAborted);
    }
}
