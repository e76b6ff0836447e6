using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Organisation;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Users;

/// <summary>Makes and changes users.</summary>
internal sealed class UserAccounts(AccessDirectory directory, AuditLog audit, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Makes a user.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="tenant">Its tenant; null for that of its team.</param>
    /// <param name="draft">What it is to be, but for its tenant.</param>
    /// <exception cref="GatewayException">400: the team cannot be so; 409: there is a user of the name.</exception>
    public async Task<UserRow> CreateAsync(Principal actor, string? tenant, UserRow draft)
    {
        var made = await directory.ChangeAsync(async connection =>
        {
            var membership = await Membership.CheckAsync(connection, tenant, draft.Team, user: null, Now);
            var row = draft with { Tenant = membership.Tenant };
            return await UserTable.AddAsync(connection, row)
                ? row
                : throw new GatewayException(ErrorCode.AlreadyExists, $"There is a user '{row.Name}' already.", "username");
        });
        audit.Changed(actor, "created", HolderKind.User, made.Name);
        return made;
    }

    /// <summary>Changes a user. Its keys can do no more than it can, and nothing while it is disabled. Another password, or disabling it, ends its sessions.</summary>
    /// <exception cref="GatewayException">404: there is no such user; 400: the team cannot be so.</exception>
    public async Task<UserRow> ChangeAsync(Principal actor, string name, Func<UserRow, UserRow> change)
    {
        var changed = await directory.ChangeAsync(async connection =>
        {
            var before = await UserTable.FindAsync(connection, name) ?? throw NotFound(name);
            var row = change(before);
            await Membership.CheckAsync(connection, row.Tenant, row.Team, user: null, Now);
            await UserTable.UpdateAsync(connection, row);
            if (row.PasswordHash != before.PasswordHash || row.DisabledAt is not null)
            {
                await SessionTable.EndAllAsync(connection, name, time.GetUtcNow());
            }

            return row;
        });
        audit.Changed(actor, "changed", HolderKind.User, name);
        return changed;
    }

    /// <summary>Removes a user, revokes its keys and ends its sessions: one who gets the name later does not get them with it.</summary>
    /// <exception cref="GatewayException">404: there is no such user.</exception>
    public async Task RemoveAsync(Principal actor, string name)
    {
        await directory.ChangeAsync(async connection =>
        {
            _ = await UserTable.FindAsync(connection, name) ?? throw NotFound(name);
            await KeyTable.RevokeOfUserAsync(connection, name, Now);

            // First, so that a login that is on its way has added its session before these are ended, or finds no user.
            await UserTable.RemoveAsync(connection, name);
            await SessionTable.EndAllAsync(connection, name, time.GetUtcNow());
            return true;
        });
        audit.Changed(actor, "removed", HolderKind.User, name);
    }

    /// <summary>The failure of a user who does not exist.</summary>
    public static GatewayException NotFound(string name) => new(ErrorCode.NotFound, $"There is no user '{Shown.Short(name)}'.");
}
