using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace LlmOps.AppHost.Graph;

/// <summary>What the dashboard offers beside the gateway.</summary>
internal static class GatewayCommands
{
    private const string Prompt = "prompt";
    private const string Label = "label";
    private const string Version = "version";

    /// <summary>Adds a link to the documentation of the API.</summary>
    public static IResourceBuilder<ProjectResource> WithLinks(this IResourceBuilder<ProjectResource> gateway) => gateway
        // Aspire.Hosting/ResourceBuilderExtensions.cs: a link beside the endpoint's own
        .WithUrlForEndpoint(Gateway.Endpoint, _ => new ResourceUrlAnnotation { Url = "/docs", DisplayText = "API docs" });

    /// <summary>Adds the commands; each is a request with the administrator's key.</summary>
    public static IResourceBuilder<ProjectResource> WithCommands(this IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ParameterResource> adminKey) => gateway
        // Aspire.Hosting/ResourceBuilderExtensions.cs
        .WithHttpCommand("/cache", "Clear cache", endpointName: Gateway.Endpoint, commandName: "clear-cache", commandOptions: new HttpCommandOptions
        {
            Method = HttpMethod.Delete,
            Description = "Drops the kept answers, on all replicas.",
            ConfirmationMessage = "Drop every kept answer?",
            IconName = "Delete",
            PrepareRequest = request => AuthorizeAsync(request, adminKey),
        })
        .WithHttpCommand("/admin/prompts", "Switch a prompt's label", endpointName: Gateway.Endpoint, commandName: "switch-label", commandOptions: new HttpCommandOptions
        {
            Method = HttpMethod.Put,
            Description = "Moves a label to another version of a prompt, on all replicas.",
            IconName = "Tag",
            // Aspire.Hosting/ApplicationModel/CommandOptions.cs: asked for before the request is made
            Arguments =
            [
                new InteractionInput { Name = Prompt, Label = "Prompt", InputType = InputType.Text, Required = true, Value = "summarizer" },
                new InteractionInput { Name = Label, Label = "Label", InputType = InputType.Text, Required = true, Value = "production" },
                new InteractionInput { Name = Version, Label = "Version", InputType = InputType.Text, Required = true, Placeholder = "v2" },
            ],
            PrepareRequest = async request =>
            {
                var address = $"/admin/prompts/{Escaped(request, Prompt)}/labels/{Escaped(request, Label)}";
                request.Request.RequestUri = new Uri(request.Request.RequestUri!, address);
                request.Request.Content = JsonContent.Create(new Dictionary<string, string?> { [Version] = request.Arguments[Version].Value });
                await AuthorizeAsync(request, adminKey);
            },
        });

    private static string Escaped(HttpCommandRequestContext request, string argument) => Uri.EscapeDataString(request.Arguments[argument].Value ?? "");

    private static async Task AuthorizeAsync(HttpCommandRequestContext request, IResourceBuilder<ParameterResource> adminKey) =>
        request.Request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await adminKey.Resource.GetValueAsync(request.CancellationToken));
}
