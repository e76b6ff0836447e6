using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Access;

/// <summary>Who may ask.</summary>
internal sealed class AccessOptions
{
    /// <summary>Whether callers need a credential. Unset: Open while all addresses listened on are loopback, else Required.</summary>
    public AccessMode? Mode { get; set; }

    /// <summary>The administrator's key. Unset: one is made, printed once, and kept in the data folder. Read at start only.</summary>
    public Secret? AdministratorKey { get; set; }
}

/// <summary>Whether callers need a credential.</summary>
internal enum AccessMode
{
    /// <summary>Everyone who reaches the address is the local default principal; administration still needs its key.</summary>
    Open,

    /// <summary>A request without a valid credential is a 401.</summary>
    Required,
}
