// Every call of Aspire in this folder is one of 13.5.2; those that its documentation does not show name the file of its source.
using LlmOps.AppHost.Publishing;

namespace LlmOps.AppHost.Graph;

/// <summary>The graph while it is put together; each file of this folder adds its parts.</summary>
/// <param name="Builder">Aspire's builder.</param>
/// <param name="Options">What is asked for.</param>
/// <param name="Publisher">Adds what published forms need.</param>
internal sealed record LlmOpsGraph(IDistributedApplicationBuilder Builder, GraphOptions Options, Publisher Publisher)
{
    /// <summary>The repository: prompts, and what the evaluator finds.</summary>
    public static string Repository => Path.GetFullPath(Path.Combine(Projects.LlmOps_AppHost.ProjectPath, ".."));

    /// <summary>Whether it is published, not run.</summary>
    public bool IsPublished => Builder.ExecutionContext.IsPublishMode;

    /// <summary>A graph as the settings ask for it.</summary>
    /// <exception cref="InvalidOperationException">A setting has a fault; the message names it.</exception>
    public static LlmOpsGraph Of(IDistributedApplicationBuilder builder)
    {
        var options = GraphOptions.Read(builder.Configuration, builder.ExecutionContext.IsPublishMode);
        return new(builder, options, Publisher.Create(builder, options));
    }

    /// <summary>A value that has a default, and may be set as Parameters:NAME, or by a name of its own.</summary>
    public IResourceBuilder<ParameterResource> Value(string name, string fallback) =>
        // By a function: AddParameter(name, value) passes the configuration over.
        Builder.AddParameter(name, () => Builder.Configuration[$"Parameters:{name}"] ?? fallback, publishValueAsDefault: true);

    /// <summary>Tells the gateway a secret of others, which may be empty: Parameters:NAME, or the variable by which it is known.</summary>
    public void TellOptionalSecret(IResourceBuilder<ProjectResource> gateway, string name, string variable)
    {
        // Container Apps refuse a secret that is empty.
        if (Publisher is not AzurePublisher || Value().Length > 0)
        {
            gateway.WithEnvironment(variable, Builder.AddParameter(name, Value, secret: true));
        }

        string Value() => Builder.Configuration[$"Parameters:{name}"] ?? Builder.Configuration[variable] ?? "";
    }

    /// <summary>A secret of the graph's own: made once, and kept in the user secrets. Letters and digits alone, for it goes into addresses.</summary>
    public IResourceBuilder<ParameterResource> Generated(string name) =>
        Builder.AddParameter(name, new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

    /// <summary>Tells the gateway of a part that is elsewhere.</summary>
    /// <returns>Whether it is.</returns>
    public bool IsElsewhere(Part part, IResourceBuilder<ProjectResource> gateway, string variable)
    {
        if (!Options.Elsewhere.HasFlag(part))
        {
            return false;
        }

        // Aspire.Hosting/ParameterResourceBuilderExtensions.cs, ResourceBuilderExtensions.cs
        gateway.WithEnvironment(variable, Builder.AddConnectionString(GraphOptions.NameOf(part)));
        return true;
    }
}
