namespace LlmOps.Gateway.Redis;

/// <summary>Logging in, and what the server says of itself meanwhile.</summary>
/// <param name="Protocol">The protocol spoken from now on: 3, or 2 with servers that know no other.</param>
/// <param name="Version">Version of the server; null where it did not say.</param>
/// <param name="IsCluster">Whether it is a node of a cluster; false where it did not say, for then its first redirection does.</param>
/// <param name="IsReplica">Whether it is a copy that takes no writes; false where it did not say.</param>
internal sealed record RedisHandshake(int Protocol, string? Version, bool IsCluster, bool IsReplica)
{
    private const string DefaultUser = "default";

    /// <summary>Logs in: HELLO 3 with the password, or AUTH where HELLO is unknown; then chooses the database.</summary>
    /// <exception cref="RedisException">The server does not let us in.</exception>
    /// <exception cref="IOException">The connection broke, or what answered is no Redis.</exception>
    public static async Task<RedisHandshake> ShakeAsync(RedisLink link, RedisConnectionString settings, CancellationToken cancellationToken)
    {
        var server = (settings.UsesResp2 ? null : await HelloAsync(link, settings, cancellationToken))
            ?? await LogInAsync(link, settings, cancellationToken);
        if (settings.Database != 0)
        {
            var selected = await AskAsync(link, new RedisCommand("SELECT", settings.Database), cancellationToken);
            if (selected.IsError)
            {
                throw RedisException.Unavailable($"the server does not give database {settings.Database} ({selected.ErrorCode}); a cluster has only database 0");
            }
        }

        return server;
    }

    /// <summary>HELLO; null where the server does not know it, or not this protocol, or may not be asked.</summary>
    private static async Task<RedisHandshake?> HelloAsync(RedisLink link, RedisConnectionString settings, CancellationToken cancellationToken)
    {
        RedisArgument[] logIn = settings.Password is { } password ? ["AUTH", settings.User ?? DefaultUser, password.Reveal()] : [];
        var reply = await AskAsync(link, new RedisCommand("HELLO", [3, .. logIn, "SETNAME", settings.ClientName]), cancellationToken);
        if (!reply.IsError)
        {
            return FromHello(reply);
        }

        ThrowIfRefused(reply);
        return null;
    }

    private static async Task<RedisHandshake> LogInAsync(RedisLink link, RedisConnectionString settings, CancellationToken cancellationToken)
    {
        if (settings.Password is { } password)
        {
            // Servers without HELLO know no users either.
            var reply = await AskAsync(link, new RedisCommand("AUTH", settings.User is { } user ? [user, password.Reveal()] : [password.Reveal()]), cancellationToken);
            if (reply.IsError)
            {
                ThrowIfRefused(reply);
                throw RedisException.Unavailable($"the server did not take the password ({reply.ErrorCode}); it may have none set");
            }
        }

        // Also shows whether a password is missing. The name itself may be refused: it only helps whoever looks at the server.
        ThrowIfRefused(await AskAsync(link, new RedisCommand("CLIENT", "SETNAME", settings.ClientName), cancellationToken));
        return new RedisHandshake(2, null, false, false);
    }

    private static async ValueTask<RedisReply> AskAsync(RedisLink link, RedisCommand command, CancellationToken cancellationToken)
    {
        link.Write(command);
        return await link.ReadAsync(cancellationToken);
    }

    // An error's text is not told: that of an unknown command quotes the arguments, the password among them.
    private static void ThrowIfRefused(RedisReply reply)
    {
        if (!reply.IsError || reply.ErrorCode is "ERR" or "NOPROTO" or "NOPERM")
        {
            return;
        }

        throw RedisException.Unavailable(reply.ErrorCode switch
        {
            "WRONGPASS" => "the user name or the password is wrong",
            "NOAUTH" => "a password is needed",
            "DENIED" => "the server accepts local connections only (protected mode)",
            "LOADING" => "the server is still loading its data",
            var code => $"the server answered with {code}",
        });
    }

    private static RedisHandshake FromHello(RedisReply reply)
    {
        string? version = null, mode = null, role = null;
        for (var index = 0; index + 1 < reply.Items.Length; index += 2)
        {
            var value = reply.Items[index + 1];
            switch (reply.Items[index].Text)
            {
                case "version":
                    version = value.Text;
                    break;
                case "mode":
                    mode = value.Text;
                    break;
                case "role":
                    role = value.Text;
                    break;
            }
        }

        return new RedisHandshake(3, version, mode == "cluster", role is "replica" or "slave");
    }
}
