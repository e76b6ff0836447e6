namespace LlmOps.AppHost.Graph;

/// <summary>What is published.</summary>
internal enum PublishTarget
{
    /// <summary>A file for Docker Compose.</summary>
    Compose,

    /// <summary>A Helm chart.</summary>
    Kubernetes,

    /// <summary>Azure Container Apps, with Azure's Redis and PostgreSQL.</summary>
    Azure,
}
