namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>Words too common to say what a text is about: English, German, Spanish, French, Italian and Portuguese.</summary>
internal static class StopWords
{
    private static readonly HashSet<string> All = new(
        """
        a about above after again against all also am an and any are aren't as at be because been before being below between both but by can can't
        cannot could couldn't did didn't do does doesn't doing don't down during each few for from further had has have having he her here hers him his
        how however i i'd i'll i'm i've if in into is isn't it it's its itself just let let's like may me might more most must my myself no nor not now
        of off on once only or other our ours out over own please same she should so some such than that that's the their theirs them then there these
        they this those through to too under until up upon us very via was wasn't we were what what's when where where's which while who who's whom whose why will
        with within without won't would yes yet you you're your yours
        der die das den dem des ein eine einen einem einer eines und oder aber ist sind war waren wird werden hat haben nicht auch auf aus bei bis durch für
        im in mit nach noch nur ob ohne sehr sich sie er es wir ihr über um unter vom von vor wie zu zum zur als dass kann
        el la los las un una unos unas y o pero es son era eran fue ser ha han no también de del al con por para sin sobre que como más su sus se lo le les
        le les un une des du et ou mais est sont était ont pas aussi à au aux avec par pour sans sur dans que qui ce cette ces il elle ils elles nous vous se sa son ses
        il lo gli i uno e ed ma è sono era non anche di da dal della del dei con per senza su che come più si suo sua loro nel nella
        o os as um uma uns umas e ou mas é são foi não também do da dos das em no na nos nas com por para sem sobre que como mais seu sua se
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.Ordinal);

    /// <summary>Whether a word in lower case is one of them.</summary>
    public static bool Contains(string word) => All.Contains(word);
}
