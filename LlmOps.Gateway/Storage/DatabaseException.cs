namespace LlmOps.Gateway.Storage;

/// <summary>The database cannot be asked, or refuses a statement. The message quotes neither values nor secrets.</summary>
internal sealed class DatabaseException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether the database is well and refuses the statement: the same one again would end the same way.</summary>
    public bool IsRefused { get; init; }

    /// <summary>The call did not end in time; it may have been done all the same.</summary>
    public static DatabaseException Deadline(TimeSpan limit, Exception? innerException = null) =>
        new($"The database gave no answer within {limit.TotalMilliseconds:0.###} ms.", innerException);
}
