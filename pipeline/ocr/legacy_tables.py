"""What the letters of legacy Hindi fonts draw: facts about the fonts' shapes, as tables. How they make words: `legacy`.

These fonts put pieces of Devanagari letters on the places of Latin ones. A half letter (ending in a halant here) and the
stem that stands for ा make the whole letter. Two signs are drawn elsewhere than they are written, and have stand-ins here:
`I_BEFORE`, the ि that is drawn before its consonants, and `REPH`, the र् drawn above the end of what it begins.
"""

from __future__ import annotations

I_BEFORE, REPH = "\ue000", "\ue001"


def _pairs(text: str) -> dict[str, str]:
    """`drawn=meant`, parted by blanks; what is drawn is one letter and may itself be `=`."""
    return {pair[0]: pair[2:] for pair in text.split()}


# Kruti Dev 010 and its kin (DevLys and others), as a Remington typewriter has them.
KRUTI_DEV = _pairs("""
    v=अ b=इ m=उ Å=ऊ _=ऋ ,=ए Ã=ई
    d=क D=क् [=ख् x=ग X=ग् ?=घ् Ä=घ ³=ङ p=च P=च् N=छ t=ज T=ज् >=झ ÷=झ् Ö=झ् ¥=ञ
    V=ट B=ठ M=ड <=ढ .=ण् r=त R=त् F=थ् n=द /=ध् è=ध् Ë=ध् u=न U=न् i=प I=प् Q=फ ¶=फ् c=ब C=ब् H=भ् Ò=भ
    e=म E=म् ;=य ¸=य् j=र y=ल Y=ल् G=ळ o=व O=व् '=श् ‘=श् ’=श् Ü=श् "=ष् “=ष् ”=ष् l=स L=स् g=ह º=ह्
    {=क्ष् ==त्र «=त्र् K=ज्ञ J=श्र |=द्य }=द्व )=द्ध ô=क्क ä=क्त Ù=त्त् é=न्न ™=न्न् à=ह्न á=ह्य â=हृ ã=ह्म
    ê=ट्ट ë=ट्ठ Í=ट्ट Î=ट्ठ ì=ड्ड ï=ड्ढ Ï=ड्ड Ô=ड्ढ í=द्द Ì=द्द –=दृ —=कृ Ñ=कृ
    Ø=क्र Ý=फ्र æ=द्र ç=प्र Á=प्र #=रु :=रू z=्र ª=्र Ó=्य î=्य
    k=ा h=ी q=ु w=ू `=ृ s=े S=ै a=ं ¡=ँ %=ः W=ॅ ‚=ॉ È=ीं ~=् +=़ •=ऽ ·=ऽ
    å=० ƒ=१ „=२ …=३ †=४ ‡=५ ˆ=६ ‰=७ Š=८ ‹=९
    A=। ]=, -=. &=- @=/ ^=‘ *=’ Þ=“ ß=” \\=? (=; ¼=( ½=) ¿={ À=} ¾== Œ=॰ ñ=॰ $=+
""") | {"f": I_BEFORE, "Z": REPH, "±": REPH + "ं"}

# Chanakya, as printers had it.
CHANAKYA = _pairs("""
    ¥=अ §=इ ©=उ ª=ऊ «=ऋ ¬=ॠ °=ए
    ·=क €=क् ¹=ख »=ग ‚=ग् ƒ=घ् ¾=ङ ¿=च ‘=च् “=च्च् À=छ Á=ज ’=ज् …=ज् ”=ज्ज् Û=झ् †=ञ्
    Å=ट Æ=ठ Ç=ड É=ढ ‡=ण् Ì=त ˆ=त् Í=थ ‰=थ् Î=द Ï=ध ¼=द Š=ध् Ù=न ‹=न् ó=न्न् Â=प Œ=प् È=फ Õ=ब Ž=ब् Ö=भ ×=म
    Ø=य Ä=य् Ú=र Ü=ल ¶=ल Ë=ल् Ý=ळ ß=व Ã=व् à=श् ³=श् á=ष c=ष् â=स S=स् ã=ह ±=ह् Ê=ज़्
    ÿ=क्ष् ˜=त्र् ™=ज्ञ् Ÿ=श्र् ž=त्त् B=क्च C=ष्ट D=ष्ठ E=श्व F=स्न G=त्र I=ढ्ढ J=छ्व N=हृ O=ह्र P=क्क Q=क्त R=क्र
    T=ञ्ज V=ङ्क W=ङ्ख X=ङ्ग Y=ङ्घ `=क्व a=ड्ड b=ड्ढ d=स्र e=द्ग f=द्घ g=द्द h=द्ध i=द्ब j=द्भ k=द्म l=द्य m=द्व
    n=ठ्ठ p=श्च q=ह्न r=ह्म् s=ह्य t=ह्ल u=ह्व #=प्त %=त्न @=ञ्च „=ल्ल ¯=ख्न º=ख्र ^=ट्ट
    A=्र ý=्र þ=्र K=्य L=रु M=रू
    æ=ा è=ी é=ु ä=ु ê=ू å=ू ë=ृ ì=ॄ ð=े Ô=े ñ=ै ô=ो õ=ौ ¢=ं ´=ं ¡=ँ ò=ॅ ù=ऽ ÷=् ¸=़
    0=० 1=१ 2=२ 3=३ 4=४ 5=५ 6=६ 7=७ 8=८ 9=९ ®=0 v=1 w=2 x=3 y=4 z=5 {=6 |=7 }=8 ~=9
    Ð=। H=॥ Ñ=: Ò='
""") | {"ç": I_BEFORE, "ü": REPH, "Z": REPH + "ं", "¤": "", "U": "", "\x81": "ख्", "\x8f": "फ्", "\x90": "भ्", "\x9d": "म्"}
