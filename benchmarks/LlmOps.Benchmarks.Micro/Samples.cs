using System.Text;

namespace LlmOps.Benchmarks.Micro;

/// <summary>What goes through the gateway in these benchmarks: the bodies of the load benchmark.</summary>
internal static class Samples
{
    /// <summary>A request of 400 bytes.</summary>
    public static readonly byte[] Request = Encoding.UTF8.GetBytes(
        """{"model": "gpt-4o-mini", "messages": [{"role": "system", "content": "You answer in one short sentence, politely, and you never make anything up that is not in the text."}, {"role": "user", "content": "What does a gateway in front of model providers do for the applications of a company? Answer for somebody who has never heard of it."}], "temperature": 0.2, "max_tokens": 200, "user": "bench"}""");
}
