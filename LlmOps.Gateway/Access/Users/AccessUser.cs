namespace LlmOps.Gateway.Access.Users;

/// <summary>A user.</summary>
/// <param name="Row">What is kept of it.</param>
/// <param name="Principal">Whoever logs in as that user.</param>
internal sealed record AccessUser(UserRow Row, Principal Principal)
{
    /// <summary>What it logs in with.</summary>
    public string Name => Row.Name;

    /// <summary>Whether it may do nothing.</summary>
    public bool IsDisabled => Row.DisabledAt is not null;

    /// <summary>Null for a user that cannot log in; <see cref="Users.PasswordHash"/> checks it.</summary>
    public string? PasswordHash => Row.PasswordHash;

    /// <summary>Without the hash of the password.</summary>
    public override string ToString() => $"{nameof(AccessUser)} {Name}";
}
