using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace LlmOps.AppHost.Graph;

/// <summary>What graph is asked for: settings <c>LlmOps:…</c>, and <c>ConnectionStrings:…</c> of what is there already.</summary>
/// <param name="Parts">Everything that the gateway is told of.</param>
/// <param name="Elsewhere">Those of them that are not started here, for a connection string says where they are.</param>
/// <param name="Target">What is published.</param>
/// <param name="Replicas">Gateways, from 1.</param>
internal sealed record GraphOptions(Part Parts, Part Elsewhere, PublishTarget Target, int Replicas)
{
    private const Part Full = Part.Redis | Part.Postgres | Part.Qdrant | Part.Embeddings | Part.Langfuse | Part.Mlflow | Part.Ollama | Part.Evaluator;

    /// <summary>The connection string that puts a part elsewhere; those without a form of their own are an address.</summary>
    private static readonly (Part Part, string Name, bool IsAddress)[] ConnectionStrings =
    [
        (Part.Redis, "redis", false),
        (Part.Postgres, "llmops", false),
        (Part.Qdrant, "qdrant", false),
        (Part.Embeddings, "tei", true),
        (Part.Langfuse, "langfuse", true),
        (Part.Mlflow, "mlflow", true),
        (Part.Ollama, "ollama", true),
        (Part.Kafka, "kafka", true),
    ];

    /// <summary>Whether the gateway is told of a part.</summary>
    public bool Has(Part part) => Parts.HasFlag(part);

    /// <summary>Whether a part is started here.</summary>
    public bool Starts(Part part) => Has(part) && !Elsewhere.HasFlag(part);

    /// <summary>The name of a part's connection string.</summary>
    public static string NameOf(Part part) => ConnectionStrings.Single(row => row.Part == part).Name;

    /// <summary>Reads them.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="isPublished">Whether the graph is published, not run.</param>
    /// <exception cref="InvalidOperationException">One of them has a fault; the message names it and what was expected.</exception>
    public static GraphOptions Read(IConfiguration configuration, bool isPublished)
    {
        var section = configuration.GetSection("LlmOps");
        // The manifest is azd's form.
        var target = ReadTarget(section["Target"] ?? (configuration["Publishing:Publisher"] == "manifest" ? "azure" : "compose"));
        var parts = section["Profile"] switch
        {
            "embedded" => Part.None,
            "minimal" => Part.Redis,
            null or "" or "full" => Full,
            var other => throw new InvalidOperationException($"LlmOps:Profile is '{other}'; expected embedded, minimal or full."),
        };
        parts |= section["Kafka"] switch
        {
            null or "" or "false" or "False" => Part.None,
            "true" or "True" => Part.Kafka,
            var other => throw new InvalidOperationException($"LlmOps:Kafka is '{other}'; expected true or false."),
        };

        // Azure runs what it has a service for; the rest is told of where it is elsewhere.
        parts = isPublished && target == PublishTarget.Azure ? parts & (Part.Redis | Part.Postgres) : parts;
        var elsewhere = ReadElsewhere(configuration);
        if (isPublished && target == PublishTarget.Azure && !(parts | elsewhere).HasFlag(Part.Postgres))
        {
            throw new InvalidOperationException(
                "LlmOps:Target is azure, but without PostgreSQL the records are in a file of one process, and Container Apps start a new one before the old one has ended; expected LlmOps:Profile full, or ConnectionStrings:llmops.");
        }

        return new(parts | elsewhere, elsewhere, target, ReadReplicas(section["Replicas"], parts | elsewhere));
    }

    private static PublishTarget ReadTarget(string text) => text switch
    {
        "compose" => PublishTarget.Compose,
        "kubernetes" => PublishTarget.Kubernetes,
        "azure" => PublishTarget.Azure,
        _ => throw new InvalidOperationException($"LlmOps:Target is '{text}'; expected compose, kubernetes or azure."),
    };

    private static Part ReadElsewhere(IConfiguration configuration)
    {
        var elsewhere = Part.None;
        foreach (var (part, name, isAddress) in ConnectionStrings)
        {
            if (configuration.GetConnectionString(name) is not { Length: > 0 } text)
            {
                continue;
            }

            if (isAddress && !(Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            {
                // Not the value, which may hold a password.
                throw new InvalidOperationException($"ConnectionStrings:{name} is no address; expected one such as http://host:8080.");
            }

            elsewhere |= part;
        }

        return elsewhere;
    }

    private static int ReadReplicas(string? text, Part parts)
    {
        if (string.IsNullOrEmpty(text))
        {
            return parts.HasFlag(Part.Postgres) ? 2 : 1;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) || replicas < 1)
        {
            throw new InvalidOperationException($"LlmOps:Replicas is '{text}'; expected a whole number from 1.");
        }

        return replicas == 1 || parts.HasFlag(Part.Postgres) ? replicas : throw new InvalidOperationException(
            $"LlmOps:Replicas is {replicas}, but without PostgreSQL the records are in a file of one process; expected 1, or a PostgreSQL: LlmOps:Profile full, or ConnectionStrings:llmops.");
    }
}
