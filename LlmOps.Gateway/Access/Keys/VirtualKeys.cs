using System.Data.Common;
using LlmOps.Gateway.Access.Organisation;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Keys;

/// <summary>Makes and changes keys. A key itself is given to whoever asks for it, this once; its hash is kept.</summary>
internal sealed class VirtualKeys(AccessDirectory directory, AuditLog audit, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Makes a key.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="tenant">Its tenant; null for that of its user or team.</param>
    /// <param name="draft">What it is to be, but for its tenant; without a team it gets that of its user.</param>
    /// <exception cref="GatewayException">400: user, team or roles cannot be so.</exception>
    public async Task<(KeyRow Row, string Key)> CreateAsync(Principal actor, string? tenant, KeyRow draft)
    {
        var key = KeyText.Create();
        var made = await directory.ChangeAsync(async connection =>
        {
            var membership = await CheckAsync(connection, tenant, draft);
            var row = draft with { Hash = directory.Current.HashOf(key).ToString(), Tenant = membership.Tenant, Team = draft.Team ?? membership.Owner?.Team };
            await KeyTable.AddAsync(connection, row);
            return row;
        });
        audit.Changed(actor, "created", HolderKind.Key, made.Id);
        return (made, key);
    }

    /// <summary>Changes what a key may do.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">The key.</param>
    /// <param name="change">What becomes of it.</param>
    /// <exception cref="GatewayException">404: there is no such key; 400: it is revoked, or cannot be so.</exception>
    public async Task<KeyRow> ChangeAsync(Principal actor, string id, Func<KeyRow, KeyRow> change)
    {
        var changed = await directory.ChangeAsync(async connection =>
        {
            var row = change(await FindUsableAsync(connection, id));
            await CheckAsync(connection, row.Tenant, row);
            await KeyTable.UpdateAsync(connection, row);
            return row;
        });
        audit.Changed(actor, "changed", HolderKind.Key, id);
        return changed;
    }

    /// <summary>Replaces a key by a new one.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">The key.</param>
    /// <param name="overlap">How long the one before still holds; the one before that holds no longer.</param>
    /// <exception cref="GatewayException">404: there is no such key; 400: it is revoked.</exception>
    public async Task<(KeyRow Row, string Key)> RotateAsync(Principal actor, string id, TimeSpan overlap)
    {
        var key = KeyText.Create();
        var rotated = await directory.ChangeAsync(async connection =>
        {
            var row = await FindUsableAsync(connection, id);
            row = row with { Hash = directory.Current.HashOf(key).ToString(), PreviousHash = row.Hash, PreviousUntil = Now + (long)overlap.TotalMilliseconds };
            await KeyTable.UpdateAsync(connection, row);
            return row;
        });
        audit.Changed(actor, "rotated", HolderKind.Key, id);
        return (rotated, key);
    }

    /// <summary>Revokes a key: from now on nobody gets in with it. It stays in the list.</summary>
    /// <exception cref="GatewayException">404: there is no such key.</exception>
    public async Task<KeyRow> RevokeAsync(Principal actor, string id)
    {
        var revoked = await directory.ChangeAsync(async connection =>
        {
            var row = await FindAsync(connection, id);
            row = row with { RevokedAt = row.RevokedAt ?? Now };
            await KeyTable.UpdateAsync(connection, row);
            return row;
        });
        audit.Changed(actor, "revoked", HolderKind.Key, id);
        return revoked;
    }

    private static async Task<KeyRow> FindAsync(DbConnection connection, string id) =>
        await KeyTable.FindAsync(connection, id) ?? throw NotFound(id);

    private static async Task<KeyRow> FindUsableAsync(DbConnection connection, string id)
    {
        var row = await FindAsync(connection, id);
        return row.RevokedAt is null ? row : throw new GatewayException(ErrorCode.InvalidValue, $"The key '{id}' is revoked, which is for ever.", "id");
    }

    /// <summary>The failure of a key that does not exist.</summary>
    public static GatewayException NotFound(string id) => new(ErrorCode.NotFound, $"There is no key '{Shown.Short(id)}'.");

    private async Task<Membership> CheckAsync(DbConnection connection, string? tenant, KeyRow row)
    {
        var membership = await Membership.CheckAsync(connection, tenant, row.Team, row.UserName, Now);
        var beyond = membership.Owner is { } owner ? RoleNames.Split(row.Roles) & ~RoleNames.Split(owner.Roles) : Roles.None;
        return beyond == Roles.None
            ? membership
            : throw new GatewayException(ErrorCode.InvalidValue, $"roles has {RoleNames.Join(beyond)}, which the user '{row.UserName}' has not; expected roles of the user.", "roles");
    }
}
