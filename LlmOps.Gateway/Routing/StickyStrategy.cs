using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// The same target for the same session, else user, else credential: what a provider has cached of a conversation stays
/// where it is. By weighted rendezvous hashing (Thaler and Ravishankar, 1998): a target that is added or
/// fails moves no more than its own share.
/// </summary>
internal sealed class StickyStrategy : ITargetStrategy
{
    /// <inheritdoc/>
    public string Name => "sticky";

    /// <inheritdoc/>
    public void Arrange(Span<Target> targets, GatewayRequest request)
    {
        var who = request.Session ?? request.User ?? $"{request.Principal.Tenant}/{request.Principal.Subject}";
        Span<double> keys = stackalloc double[targets.Length];
        for (var index = 0; index < keys.Length; index++)
        {
            var target = targets[index];
            keys[index] = target.Weight == 0 ? double.MaxValue : -Math.Log(Uniform($"{who}\n{target.Provider}/{target.Model}")) / target.Weight;
        }

        keys.Sort(targets);
    }

    // Above 0, up to 1.
    private static double Uniform(string text) => (BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) + 1.0) / (ulong.MaxValue + 1.0);
}
