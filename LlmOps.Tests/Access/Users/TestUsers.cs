using System.Security.Cryptography;
using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Users;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Access.Users;

/// <summary>Users of a test's gateway, and what they ask of it.</summary>
internal static class TestUsers
{
    public const string Password = "correct horse battery";

    // One iteration: what takes long is measured by nobody here.
    private static readonly byte[] Salt = new byte[16];
    private static readonly string Hash = $"pbkdf2-sha256$1${Convert.ToBase64String(Salt)}${Convert.ToBase64String(Rfc2898DeriveBytes.Pbkdf2(Password, Salt, 1, HashAlgorithmName.SHA256, 32))}";

    /// <summary>Adds a user, whose password is <see cref="Password"/>.</summary>
    public static Task AddUserAsync(this GatewayApplication gateway, string name, string roles = "user", string tenant = "acme")
    {
        gateway.Address.ShouldNotBeNull();
        return gateway.Services.GetRequiredService<AccessDirectory>().ChangeAsync(connection =>
            UserTable.AddAsync(connection, new UserRow { Name = name, Tenant = tenant, Roles = roles, PasswordHash = Hash, CreatedAt = 0 }));
    }

    /// <summary>Changes a user.</summary>
    public static Task ChangeUserAsync(this GatewayApplication gateway, string name, Func<UserRow, UserRow> change) =>
        gateway.Services.GetRequiredService<AccessDirectory>().ChangeAsync(async connection =>
        {
            await UserTable.UpdateAsync(connection, change((await UserTable.FindAsync(connection, name))!));
            return true;
        });

    public static Task<HttpResponseMessage> LoginAsync(this GatewayApplication gateway, string name, string password = Password) =>
        gateway.PostAsync("/auth/login", JsonSerializer.Serialize(new { username = name, password }));

    /// <summary>The tokens of a login that succeeds.</summary>
    public static async Task<(string Access, string Refresh)> LoggedInAsync(this GatewayApplication gateway, string name)
    {
        using var response = await gateway.LoginAsync(name);
        return await response.TokensAsync();
    }

    public static Task<HttpResponseMessage> RefreshAsync(this GatewayApplication gateway, string refreshToken) =>
        gateway.PostAsync("/auth/refresh", JsonSerializer.Serialize(new { refresh_token = refreshToken }));

    public static async Task<(string Access, string Refresh)> TokensAsync(this HttpResponseMessage response)
    {
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        var json = await response.JsonAsync();
        return (json.GetProperty("access_token").GetString()!, json.GetProperty("refresh_token").GetString()!);
    }

    /// <summary>Asks whom a credential is of.</summary>
    public static Task<HttpResponseMessage> VerifyAsync(this GatewayApplication gateway, string? credential) => gateway.SendAsync("GET", "/auth/verify", credential);

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync());

    /// <summary>The code and the message of an error, under /v1 and elsewhere.</summary>
    public static async Task<(string Code, string Message)> ErrorAsync(this HttpResponseMessage response)
    {
        var error = (await response.JsonAsync()).GetProperty("error");
        return (error.TryGetProperty("code", out var code) ? code.GetString()! : error.GetProperty("error_code").GetString()!, error.GetProperty("message").GetString()!);
    }
}
