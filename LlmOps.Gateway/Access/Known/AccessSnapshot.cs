using System.Collections.Concurrent;
using System.Text.Json;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Organisation;
using LlmOps.Gateway.Access.Users;

namespace LlmOps.Gateway.Access.Known;

/// <summary>Everyone who may ask, as it was at one moment: immutable, with a principal ready for every key and user.</summary>
internal sealed class AccessSnapshot
{
    /// <summary>What is known before anything was read: nobody.</summary>
    public static readonly AccessSnapshot Empty = new();

    private readonly Dictionary<KeyHash, (AccessKey Key, bool IsPrevious)> _byHash = [];

    // Keys as they were shown, each after its hash was found once: the hash would cost a request more than all else of its way to
    // the pipeline. Their texts are in the memory of this process anyway, in what callers send; nobody else is told them.
    private readonly ConcurrentDictionary<string, (AccessKey Key, bool IsPrevious)> _shown = new(StringComparer.Ordinal);
    private readonly HashSet<string> _endedSessions = [];
    private readonly HashSet<string> _unreadable = [];
    private readonly byte[] _keyHashSecret = [];

    /// <summary>Makes it of the tables.</summary>
    public AccessSnapshot(AccessRows rows)
    {
        Version = rows.Version;
        _keyHashSecret = Convert.FromBase64String(rows.KeyHashSecret);
        TokenSecret = Convert.FromBase64String(rows.TokenSecret);
        Tenants = new(Read(HolderKind.Tenant, rows.Tenants, row => row.Name, row => new Tenant(row.Name, HolderOf(HolderKind.Tenant, row.Name, row.Limits, row.Budget))), tenant => tenant.Name);
        Teams = new(Read(HolderKind.Team, rows.Teams, row => row.Name, row => new Team(row.Name, row.Tenant, HolderOf(HolderKind.Team, row.Name, row.Limits, row.Budget))), team => team.Name);
        Users = new(Read(HolderKind.User, rows.Users, row => row.Name, UserOf), user => user.Name);
        Keys = new(Read(HolderKind.Key, rows.Keys, row => row.Id, KeyOf), key => key.Row.Id);
        _endedSessions = [.. rows.EndedSessions];
    }

    private AccessSnapshot()
    {
        Tenants = new([], tenant => tenant.Name);
        Teams = new([], team => team.Name);
        Users = new([], user => user.Name);
        Keys = new([], key => key.Row.Id);
    }

    /// <summary>Differs after every change; null before anything was read.</summary>
    public string? Version { get; }

    /// <summary>256 bits that all replicas share, to sign tokens with; empty before anything was read.</summary>
    public ReadOnlyMemory<byte> TokenSecret { get; }

    public Register<Tenant> Tenants { get; }

    public Register<Team> Teams { get; }

    /// <summary>By the name that they log in with.</summary>
    public Register<AccessUser> Users { get; }

    /// <summary>By their ids, which is in the order they were made.</summary>
    public Register<AccessKey> Keys { get; }

    /// <summary>The tenants, teams, users and keys that cannot be understood, as <c>kind:name</c>: none of them is known, nor who belongs to them, for nobody may pass without limits that cannot be read.</summary>
    public IReadOnlyCollection<string> Unreadable => _unreadable;

    /// <summary>Looks for a credential among the keys. Nothing is asked, and but for the first time nothing allocated.</summary>
    public KeyCheck FindKey(ReadOnlySpan<char> credential, DateTimeOffset now)
    {
        if (credential.Length is 0 or > KeyText.Longest)
        {
            return new KeyCheck(KeyState.Unknown, null);
        }

        if (!_shown.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(credential, out var found))
        {
            if (!_byHash.TryGetValue(KeyHash.Of(credential, _keyHashSecret), out found))
            {
                return new KeyCheck(KeyState.Unknown, null);
            }

            _shown.TryAdd(credential.ToString(), found);
        }

        return new KeyCheck(found.Key.StateAt(found.IsPrevious, now), found.Key);
    }

    /// <summary>The hash that is kept of a key.</summary>
    public KeyHash HashOf(string key) => KeyHash.Of(key, _keyHashSecret);

    /// <summary>The user of a name; null for none. It may be disabled.</summary>
    public AccessUser? FindUser(string name) => Users.Find(name);

    /// <summary>Whether a session was ended, so that its access tokens do not hold.</summary>
    public bool IsEnded(string session) => _endedSessions.Contains(session);

    /// <summary>Somebody whom another issuer knows: what the tenant may is known here; null where that cannot be understood.</summary>
    public Principal? PrincipalOf(string tenant, string subject, Roles roles) =>
        IsUnreadable(HolderKind.Tenant, tenant) ? null : new(tenant, subject, roles) { Holders = HoldersOf(tenant, team: null, user: null) };

    private List<T> Read<TRow, T>(HolderKind kind, IReadOnlyList<TRow> rows, Func<TRow, string> nameOf, Func<TRow, T> read)
    {
        List<T> all = new(rows.Count);
        foreach (var row in rows)
        {
            try
            {
                all.Add(read(row));
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException or JsonException or OverflowException)
            {
                // A word or a form that this program does not know: written by a later one, or by hand.
                _unreadable.Add(IdOf(kind, nameOf(row)));
            }
        }

        return all;
    }

    private bool IsUnreadable(HolderKind kind, string? name) => _unreadable.Count > 0 && name is not null && _unreadable.Contains(IdOf(kind, name));

    private static string IdOf(HolderKind kind, string name) => new Holder(kind, name, null, null).Id;

    private AccessUser UserOf(UserRow row) => new(row, new Principal(row.Tenant, row.Name, RoleNames.Split(row.Roles))
    {
        Team = row.Team,
        User = row.Name,
        Holders = HoldersOf(row.Tenant, row.Team, HolderOf(row)),
    });

    private AccessKey KeyOf(KeyRow row)
    {
        var owner = row.UserName is null ? null : Users.Find(row.UserName);
        var roles = RoleNames.Split(row.Roles);
        var key = HolderOf(HolderKind.Key, row.Id, row.Limits, row.Budget);
        var principal = new Principal(row.Tenant, row.Id, owner is null ? roles : roles & owner.Principal.Roles)
        {
            Team = row.Team,
            User = row.UserName,
            Key = row.Id,
            Models = AccessJson.Names(row.Models),
            Prompts = AccessJson.Names(row.Prompts),
            Tools = AccessJson.Names(row.Tools),
            Parameters = AccessJson.Parameters(row.Parameters),
            Guardrails = AccessJson.Guardrails(row.Guardrails),
            Holders = [.. HoldersOf(row.Tenant, row.Team, owner is null ? null : HolderOf(owner.Row)), .. Limiting(key)],
            ExpiresAt = row.ExpiresAt is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null,
        };
        var known = new AccessKey(row, principal, row.UserName is null || owner is { IsDisabled: false });
        var (hash, previous) = (KeyHash.Parse(row.Hash), row.PreviousHash is null ? default(KeyHash?) : KeyHash.Parse(row.PreviousHash));
        _byHash[hash] = (known, false);
        if (previous is { } earlier)
        {
            _byHash[earlier] = (known, true);
        }

        return known;
    }

    private Holder[] HoldersOf(string tenant, string? team, Holder? user) => IsUnreadable(HolderKind.Tenant, tenant) || IsUnreadable(HolderKind.Team, team)
        ? throw new FormatException("What its tenant or its team may cannot be understood.")
        : [.. Limiting(Tenants.Find(tenant)?.Holder), .. Limiting(team is null ? null : Teams.Find(team)?.Holder), .. Limiting(user)];

    // Whoever has neither limits nor a budget need not be looked at by each request.
    private static Holder[] Limiting(Holder? holder) => holder is null or { Limits: null, Budget: null } ? [] : [holder];

    private static Holder HolderOf(UserRow row) => HolderOf(HolderKind.User, row.Name, row.Limits, row.Budget);

    private static Holder HolderOf(HolderKind kind, string name, string? limits, string? budget) => new(kind, name, AccessJson.Limits(limits), AccessJson.Budget(budget));
}
