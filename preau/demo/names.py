"""Names of the crowd: our own lists, as diverse as France is. Written from general knowledge; nobody's file.

Each pool keeps given names and family names that often go together; the crowd mixes pools, as families do.
"""
# size: word lists, no logic

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pool:
    """Names that often go together. `weight` is this pool's share of families, in parts of a thousand."""

    weight: int
    families: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    """Names separated by commas, so that « LE GOFF » stays one."""
    return tuple(word for raw in text.split(",") if (word := " ".join(raw.split())))


GENERAL = Pool(
    weight=640,
    families=_words("""
        MARTIN, BERNARD, THOMAS, PETIT, ROBERT, RICHARD, DURAND, DUBOIS, MOREAU, LAURENT, SIMON, MICHEL, LEFEBVRE,
        LEROY, ROUX, DAVID, BERTRAND, MOREL, FOURNIER, GIRARD, BONNET, DUPONT, LAMBERT, FONTAINE, ROUSSEAU, VINCENT,
        MULLER, LEFÈVRE, FAURE, ANDRÉ, MERCIER, BLANC, GUÉRIN, BOYER, GARNIER, CHEVALIER, FRANÇOIS, LEGRAND, GAUTHIER,
        PERRIN, ROBIN, CLÉMENT, MORIN, NICOLAS, HENRY, ROUSSEL, MATHIEU, GAUTIER, MASSON, MARCHAND, DUVAL, DENIS,
        DUMONT, MARIE, LEMAIRE, NOËL, MEYER, DUFOUR, MEUNIER, BRUN, BLANCHARD, GIRAUD, JOLY, RIVIÈRE, LUCAS, BRUNET,
        GAILLARD, BARBIER, ARNAUD, MARTINEAU, ROCHE, SCHMITT, ROY, LEROUX, COLIN, VIDAL, CARON, PICARD, ROGER, FABRE,
        AUBERT, LEMOINE, RENAUD, DUMAS, LACROIX, OLIVIER, PHILIPPE, BOURGEOIS, PIERRE, BENOÎT, REY, LECLERC, PAYET,
        ROLLAND, LECLERCQ, GUILLAUME, LECOMTE, LOPEZ, JEAN, DUPUY, GUILLOT, HUBERT, BERGER, CARPENTIER, SANCHEZ,
        DUPUIS, MOULIN, LOUIS, DESCHAMPS, HUET, VASSEUR, BOUCHER, FLEURY, ROYER, KLEIN, JACQUET, ADAM, PARIS, POIRIER,
        MARTY, AUBRY, GUYOT, CARRÉ, CHARLES, RENAULT, CHARPENTIER, MÉNARD, MAILLARD, BARON, BERTIN, BAILLY, HERVÉ,
        SCHNEIDER, FERNANDEZ, COLLET, LÉGER, BOUVIER, JULIEN, PRÉVOST, MILLET, PERROT, DANIEL, COUSIN, GERMAIN,
        BRETON, BESSON, LANGLOIS, RÉMY, PELLETIER, MONNIER, LEBLANC, BARRE, LEBRUN, MARCHAL, WEBER, MALLET, HAMON,
        BOULANGER, JACOB, MICHAUD, MONNET, GUICHARD, GILLET, ÉTIENNE, GRONDIN, POULAIN, TESSIER, CHEVALLIER, COLLIN,
        CHAUVIN, BOUCHET, GAY, LEMAÎTRE, BÉNARD, MARÉCHAL, HUMBERT, REYNAUD, ANTOINE, HOARAU, PERRET, BARTHÉLEMY,
        CORDIER, PICHON, LEJEUNE, GILBERT, LAMY, DELAUNAY, PASQUIER, CARLIER, LAPORTE, CŒURDEROY, D'ARTOIS,
        DE LA TOUR, DU PLESSIS, L'HERMITE, MOREAU-DUVAL, PETIT-JEAN, BLANC-ROUSSET
    """),
    girls=_words("""
        Emma, Jade, Louise, Alice, Chloé, Léa, Manon, Rose, Lina, Anna, Ambre, Juliette, Zoé, Camille, Léna, Inès,
        Sarah, Agathe, Éva, Lola, Julia, Romane, Clémence, Margaux, Charlotte, Jeanne, Clara, Victoire, Élise, Lucie,
        Mathilde, Noémie, Pauline, Apolline, Maëlys, Anaïs, Gabrielle, Lilou, Capucine, Constance, Adèle, Héloïse,
        Éléonore, Faustine, Célia, Lison, Garance, Salomé, Mila, Nina, Olivia, Iris, Alix, Thaïs, Lou, Elsa, Lise,
        Marie-Lou, Anne-Sophie, Lily-Rose, Maïa, Cassandre, Ophélie, Suzanne, Colette, Zélie, Blanche, Victoria
    """),
    boys=_words("""
        Gabriel, Léo, Raphaël, Louis, Arthur, Jules, Hugo, Lucas, Nathan, Tom, Ethan, Paul, Maël, Noah, Théo, Sacha,
        Gabin, Nolan, Timéo, Enzo, Mathis, Axel, Victor, Antoine, Clément, Baptiste, Maxime, Valentin, Rayan, Martin,
        Robin, Eliott, Tiago, Noé, Augustin, Samuel, Aaron, Marius, Simon, Thomas, Alexandre, Quentin, Romain,
        Bastien, Côme, Anatole, Oscar, Félix, Gaspard, Émile, Léon, Camille, Basile, Achille, Célestin, Zacharie,
        Jean-Baptiste, Pierre-Louis, Paul-Émile, Loïc, Joël, Benoît, Guillaume, Kylian, Mathéo, Lorenzo, Marceau
    """),
    women=_words("""
        Aurélie, Émilie, Céline, Stéphanie, Julie, Élodie, Laëtitia, Virginie, Sandrine, Delphine, Sophie, Caroline,
        Audrey, Séverine, Nathalie, Karine, Jennifer, Christelle, Vanessa, Angélique, Hélène, Sabrina, Amandine,
        Laure, Marie, Anne, Claire, Cécile, Isabelle, Valérie, Estelle, Magali, Mélanie, Marion, Aude, Bénédicte,
        Gaëlle, Marlène, Anne-Laure, Marie-Claire, Élisabeth, Charlène, Ludivine, Peggy, Johanna, Florence, Agnès
    """),
    men=_words("""
        Nicolas, Julien, Sébastien, David, Christophe, Frédéric, Stéphane, Cédric, Jérôme, Guillaume, Olivier,
        Vincent, Laurent, Thomas, Alexandre, Arnaud, Mickaël, Ludovic, Grégory, Fabrice, Franck, Anthony, Fabien,
        Benjamin, Mathieu, Romain, Yann, Emmanuel, François, Philippe, Éric, Pascal, Jean-Marc, Jean-François,
        Pierre-Yves, Régis, Sylvain, Jonathan, Maxime, Xavier, Rémi, Bruno, Hervé, Damien, Florian, Joël, Loïc
    """),
)

MAGHREB = Pool(
    weight=110,
    families=_words("""
        BENALI, HADDAD, BOUAZIZ, MANSOURI, CHERIF, SAÏDI, HAMDI, BRAHIMI, AMRANI, BENSAÏD, ZERROUKI,
        BOUZIANE, TALEB, KHELIFI, MEZIANE, OUALI, BENYAHIA, SLIMANI, FERHAT, EL IDRISSI, EL AMRANI, BEN AMOR, TRABELSI,
        JLASSI, AÏT OUARAB, OUKACHA, LAKHDAR, BOUDJEMAA, RAHMANI, GUERMOUCHE, NAÏT-ALI, CHAKIR, LAHLOU, TAHIRI
    """),
    girls=_words("""
        Inaya, Yasmine, Lina, Nour, Aya, Sofia, Amira, Safa, Imane, Maïssa, Hafsa, Salma, Malak, Farah, Kenza, Rania,
        Assia, Dounia, Chaïma, Syrine
    """),
    boys=_words("""
        Mohamed, Adam, Rayan, Ilyès, Amine, Yanis, Ayoub, Bilal, Younès, Ibrahim, Nassim, Mehdi, Sami, Walid, Zakaria,
        Anis, Idriss, Kaïs, Wassim, Imrane
    """),
    women=_words("""
        Samira, Fatima, Nadia, Leïla, Karima, Malika, Soraya, Naïma, Houria, Djamila, Zohra, Rachida, Salima, Hanane,
        Siham, Loubna, Wafa, Fatima-Zohra, Asma, Meriem
    """),
    men=_words("""
        Karim, Rachid, Mourad, Farid, Abdelkader, Hakim, Nabil, Khaled, Samir, Mustapha, Djamel, Abdel, Kamel, Hassan,
        Youssef, Said, Toufik, Brahim, Lotfi, Omar
    """),
)

WEST_AFRICA = Pool(
    weight=65,
    families=_words("""
        COULIBALY, TRAORÉ, DIALLO, KONÉ, DIARRA, SISSOKO, KEÏTA, CAMARA, BA, SY, NDIAYE, DIOP, FALL, SOW, DIABATÉ,
        CISSÉ, SYLLA, BAMBA, OUATTARA, TOURÉ, MBAYE, N'DIAYE, N'GUESSAN, KOUASSI, KOUAMÉ, MBEMBA, NKOUNKOU, MAKOSSO,
        ILUNGA, TSHIBANGU, MABIALA, EKAMBI, FOFANA, DOUCOURÉ, GASSAMA
    """),
    girls=_words("""
        Aminata, Fatoumata, Mariam, Awa, Kadiatou, Djénéba, Assetou, Oumou, Maïmouna, Ramata, Nafissatou, Grâce,
        Divine, Merveille, Bintou, Coumba, Rokia
    """),
    boys=_words("""
        Moussa, Ibrahima, Mamadou, Ousmane, Adama, Souleymane, Abdoulaye, Cheick, Lassana, Boubacar, Issa, Seydou,
        Bakary, Christ, Emmanuel, Exaucé, Demba
    """),
    women=_words("""
        Aïssata, Fanta, Mariama, Hawa, Salimata, Rokhaya, Khady, Ndeye, Adjoua, Akissi, Béatrice, Clarisse, Nadège,
        Sira, Ténin, Oumy
    """),
    men=_words("""
        Amadou, Modibo, Sékou, Bréhima, Cheikh, Alioune, Kouadio, Yao, Dieudonné, Blaise, Sadio, Tidiane, Aliou,
        Drissa, Mahamadou, Samba
    """),
)

SOUTH_EUROPE = Pool(
    weight=65,
    families=_words("""
        DA SILVA, FERREIRA, PEREIRA, DOS SANTOS, GONÇALVES, RODRIGUES, MARQUES, TEIXEIRA, LOURENÇO, DE OLIVEIRA,
        GARCIA, MARTINEZ, RUIZ, MUÑOZ, ROMERO, NAVARRO, ORTEGA, IBÁÑEZ, ROSSI, RUSSO, FERRARI, ESPOSITO, BIANCHI,
        LOMBARDI, D'ANGELO, DE LUCA, SANTINI, CASANOVA, LUCIANI, COLONNA
    """),
    girls=_words("Inês, Beatriz, Lara, Carla, Elena, Chiara, Giulia, Alba, Luna, Mariana, Ghjulia, Letizia"),
    boys=_words("Diogo, Tiago, Rafael, Mateo, Luca, Alessio, Hugo, Pablo, Nuno, Gonçalo, Ange, Lisandru"),
    women=_words("Maria, Ana Paula, Cristina, Carmen, Rosa, Lucia, Paola, Teresa, Sonia, Fátima, Isabel, Dominique"),
    men=_words("João, Manuel, Paulo, Carlos, José, Antonio, Marco, Giovanni, Miguel, Rui, Ange-Marie, Toussaint"),
)

BRITTANY_AND_BORDERS = Pool(
    weight=45,
    families=_words("""
        LE GALL, LE GOFF, KERVELLA, LE ROUX, TANGUY, QUÉRÉ, LE BIHAN, GUÉGUEN, ABGRALL, PRIGENT, CADIOU, LE CŒUR,
        KERBRAT, ETCHEVERRY, HARISTOY, ETXEBERRIA, OÏHENART, SCHAEFFER, ZIMMERMANN, KOEHLER, WURTZ, HOFFMANN,
        VANDENBROUCKE, VERHAEGHE, DESMET, DECLERCK
    """),
    girls=_words("Maïwenn, Nolwenn, Enora, Azenor, Rozenn, Maëlle, Gwenn, Amaia, Maddi, Heïdi, Liesel, Tifenn"),
    boys=_words("Malo, Ewen, Titouan, Yannick, Erwan, Gwenaël, Corentin, Mathurin, Peio, Xan, Malik, Till"),
    women=_words("Gwenaëlle, Katell, Soizic, Annaïg, Morgane, Maitena, Ainhoa, Birgit, Greta, Armelle"),
    men=_words("Yann-Vari, Ronan, Tugdual, Hervé, Goulven, Beñat, Xabi, Jürgen, Dieter, Loïg"),
)

ISLANDS = Pool(
    weight=35,
    families=_words("""
        PAYET, HOARAU, GRONDIN, RIVIÈRE-DIJOUX, TÉCHER, CÉSAIRE, LOUIS-JOSEPH, JEAN-BAPTISTE, MARIE-LOUISE, ZÉBINA,
        BOUCARD, NAGAPIN, SAÏD ALI, MOHAMED ABDOU, MLANAO, TEHEI'URA, TERIIPAIA, WAMYTAN, KAINUKU
    """),
    girls=_words("Shaïna, Océane, Kelyah, Maëva, Heimata, Poerava, Naïla, Anlia, Moïnaecha, Lauryne"),
    boys=_words("Kenzo, Dylan, Ruben, Teva, Manutahi, Naël, Fahad, Ylan, Jordan, Loan"),
    women=_words("Marie-Josée, Guylène, Line, Vaïana, Hinatea, Zaïnaba, Fabiola, Rosemay, Marie-Andrée"),
    men=_words("Jean-Yves, Expédit, Rodolphe, Teiki, Heimana, Attoumane, Saïd, Gilbert, Daniel"),
)

ASIA_AND_EAST = Pool(
    weight=40,
    families=_words("""
        NGUYEN, TRAN, PHAM, HUYNH, LE VAN, CHEN, WANG, LIN, ZHANG, SIVANATHAN, SELVARAJAH, THEVARAJAH, KAUR, SINGH,
        YILMAZ, KAYA, DEMIR, ÖZTÜRK, ERDOĞAN, ŞAHIN, KOWALSKI, NOWAK, WIŚNIEWSKI, KOŁODZIEJ, POPESCU, IONESCU, MUREȘAN,
        PETROV, KOVALENKO, SARKISSIAN, HAROUTIOUNIAN, KRASNIQI, HOXHA
    """),
    girls=_words("Linh, Mai, Thi Lan, Mei, Yuna, Elif, Zeynep, Zuzanna, Ioana, Kateryna, Anush, Abinaya, Arta"),
    boys=_words("Minh, Bao, Kévin, Weï, Emir, Yusuf, Jakub, Andrei, Bogdan, Oleksiy, Aram, Thanush, Driton"),
    women=_words("Thi Huong, Lan Anh, Xiaoli, Ayşe, Fatma, Agnieszka, Mihaela, Olena, Siranouche, Vathani"),
    men=_words("Van Duc, Quang, Jian, Mehmet, Ahmet, Piotr, Florin, Serhiy, Hagop, Ravi, Agron"),
)

POOLS = (GENERAL, MAGHREB, WEST_AFRICA, SOUTH_EUROPE, BRITTANY_AND_BORDERS, ISLANDS, ASIA_AND_EAST)

STREETS = _words("""
    RUE DES TILLEULS, RUE DU LAVOIR, AVENUE DE LA GARE, RUE DES ÉCOLES, ALLÉE DES CŒURS-VAILLANTS, IMPASSE DU PUITS,
    RUE DE LA FORÊT, CHEMIN DES VIGNES, BOULEVARD DE L'ÉGALITÉ, PLACE DU MARCHÉ, RUE DES HÊTRES, RUE DE L'ÉTANG,
    AVENUE DU GÉNÉRAL-BÉTHUNE, RUE DES MÉSANGES, QUAI DE L'ORME, RUE DU CHÂTEAU D'EAU, SQUARE DES LILAS,
    RUE DE LA MANUFACTURE, SENTE DES JARDINS, RUE DU 8-MAI, COUR DES ARTISANS, RUE MARYSE-BASTIÉ
""")
BUILDINGS = ("BÂT. A", "BÂT. C, ESC. 2", "APPT 12", "RÉSIDENCE LES ORMES", "HALL 3, 4E ÉTAGE")
TOWNS = (("99300", "LE PRE-SOUS-BOIS"), ("99310", "SAINT-AUBIN-LE-CLOS"), ("99320", "VAUX-LES-PRES"))
