namespace LlmOps.Gateway.Caching.Semantic.Qdrant;

/// <summary>Qdrant did not answer, or refused.</summary>
/// <param name="message">What it was, without anything of what was sent.</param>
/// <param name="status">Its HTTP status; null where there was no answer.</param>
/// <param name="innerException">What caused it.</param>
internal sealed class QdrantException(string message, int? status = null, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Its HTTP status; null where there was no answer.</summary>
    public int? Status { get; } = status;

    /// <summary>Whether it says that Qdrant is in no state to answer, and not that it does not take this request.</summary>
    public bool IsOutage => Status is null or 403 or 401 or 408 or 429 or >= 500;
}
