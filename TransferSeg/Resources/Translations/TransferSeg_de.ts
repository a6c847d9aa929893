<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
  <context>
    <name>TransferSeg</name>
    <message>
      <source>TransferSeg</source>
      <translation>TransferSeg</translation>
    </message>
    <message>
      <source>&lt;p&gt;Adapts a pretrained segmentation model to your scans, with a handful of annotated cases, and says whether it got better.&lt;/p&gt;&lt;ol&gt;&lt;li&gt;Choose a &lt;b&gt;source model&lt;/b&gt;.&lt;/li&gt;&lt;li&gt;Add your &lt;b&gt;target cases&lt;/b&gt;: volumes with their segmentations, from the scene or a folder.&lt;/li&gt;&lt;li&gt;Choose a &lt;b&gt;strategy&lt;/b&gt;, or compare several.&lt;/li&gt;&lt;li&gt;Press &lt;b&gt;Start&lt;/b&gt;: the job runs in the background, also when Slicer is closed.&lt;/li&gt;&lt;li&gt;Read the &lt;b&gt;verdict&lt;/b&gt;, click cases to look at them, and keep or apply the adapted model.&lt;/li&gt;&lt;/ol&gt;&lt;p&gt;Cases to try it with are in the module Sample Data. For research, not a medical device.&lt;/p&gt;</source>
      <translation>&lt;p&gt;Passt ein vortrainiertes Segmentierungsmodell an Ihre Aufnahmen an, mit einer Handvoll annotierter Fälle, und sagt, ob es besser wurde.&lt;/p&gt;&lt;ol&gt;&lt;li&gt;Wählen Sie ein &lt;b&gt;Ausgangsmodell&lt;/b&gt;.&lt;/li&gt;&lt;li&gt;Fügen Sie Ihre &lt;b&gt;Zielfälle&lt;/b&gt; hinzu: Volumina mit ihren Segmentierungen, aus der Szene oder einem Ordner.&lt;/li&gt;&lt;li&gt;Wählen Sie eine &lt;b&gt;Strategie&lt;/b&gt;, oder vergleichen Sie mehrere.&lt;/li&gt;&lt;li&gt;Drücken Sie &lt;b&gt;Start&lt;/b&gt;: Der Job läuft im Hintergrund, auch wenn Slicer geschlossen wird.&lt;/li&gt;&lt;li&gt;Lesen Sie das &lt;b&gt;Urteil&lt;/b&gt;, klicken Sie Fälle an, um sie anzusehen, und behalten Sie das angepasste Modell oder wenden Sie es an.&lt;/li&gt;&lt;/ol&gt;&lt;p&gt;Fälle zum Ausprobieren sind im Modul Sample Data. Für die Forschung, kein Medizinprodukt.&lt;/p&gt;</translation>
    </message>
    <message>
      <source>The strategies follow Mecheter et al. 2020 and 2023, Hossain et al. 2023, Karimi et al. 2021 and Zoetmulder et al. 2022. TransferSeg is built on PyTorch and MONAI.</source>
      <translation>Die Strategien folgen Mecheter et al. 2020 und 2023, Hossain et al. 2023, Karimi et al. 2021 und Zoetmulder et al. 2022. TransferSeg baut auf PyTorch und MONAI auf.</translation>
    </message>
    <message>
      <source>Starting…</source>
      <translation>Wird gestartet…</translation>
    </message>
    <message>
      <source>The self-tests of TransferSeg passed.</source>
      <translation>Die Selbsttests von TransferSeg sind bestanden.</translation>
    </message>
    <message>
      <source>Cases go to a job and come back voxel by voxel</source>
      <translation>Fälle gehen in einen Job und kommen Voxel für Voxel zurück</translation>
    </message>
    <message>
      <source>A job names nobody</source>
      <translation>Ein Job nennt niemanden</translation>
    </message>
    <message>
      <source>Overlapping segments are refused by name</source>
      <translation>Überlappende Segmente werden mit Namen abgelehnt</translation>
    </message>
    <message>
      <source>PyTorch is not installed: no job is run</source>
      <translation>PyTorch ist nicht installiert: Kein Job wird ausgeführt</translation>
    </message>
    <message>
      <source>A small job ends with a verdict</source>
      <translation>Ein kleiner Job endet mit einem Urteil</translation>
    </message>
    <message>
      <source>1. Source model</source>
      <translation>1. Ausgangsmodell</translation>
    </message>
    <message>
      <source>Search: femur, left kidney, knee MR…</source>
      <translation>Suchen: Femur, linke Niere, Knie MR…</translation>
    </message>
    <message>
      <source>Which models know a structure, by whatever name, or are called so; Enter opens the list</source>
      <translation>Welche Modelle eine Struktur kennen, unter welchem Namen auch immer, oder so heißen; Enter öffnet die Liste</translation>
    </message>
    <message>
      <source>Search for a model</source>
      <translation>Ein Modell suchen</translation>
    </message>
    <message>
      <source>Filter</source>
      <translation>Filter</translation>
    </message>
    <message>
      <source>Leave out models that are not on this computer, for other images, or whose commercial use is not allowed</source>
      <translation>Modelle weglassen, die nicht auf diesem Computer sind, für andere Bilder, oder deren kommerzielle Nutzung nicht erlaubt ist</translation>
    </message>
    <message>
      <source>Source model</source>
      <translation>Ausgangsmodell</translation>
    </message>
    <message>
      <source>The model to start from</source>
      <translation>Das Modell, mit dem begonnen wird</translation>
    </message>
    <message>
      <source>Card of the source model</source>
      <translation>Karte des Ausgangsmodells</translation>
    </message>
    <message>
      <source>What the model was made for and from</source>
      <translation>Wofür und woraus das Modell gemacht wurde</translation>
    </message>
    <message>
      <source>Add model…</source>
      <translation>Modell hinzufügen…</translation>
    </message>
    <message>
      <source>Check a model (card.json and weights, a MONAI bundle, an nnU-Net model or a checkpoint) and copy it to your own models</source>
      <translation>Ein Modell prüfen (card.json und Gewichte, ein MONAI-Bundle, ein nnU-Net-Modell oder ein Checkpoint) und zu Ihren eigenen Modellen kopieren</translation>
    </message>
    <message>
      <source>Download</source>
      <translation>Herunterladen</translation>
    </message>
    <message>
      <source>Download the chosen model, check it, and keep it with your own models</source>
      <translation>Das gewählte Modell herunterladen, prüfen und zu Ihren eigenen Modellen legen</translation>
    </message>
    <message>
      <source>Show my models</source>
      <translation>Meine Modelle zeigen</translation>
    </message>
    <message>
      <source>Open the folder where your own models live</source>
      <translation>Den Ordner öffnen, in dem Ihre eigenen Modelle liegen</translation>
    </message>
    <message>
      <source>How much of the model is here</source>
      <translation>Wie viel von dem Modell da ist</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Stop; what was downloaded is kept</source>
      <translation>Anhalten; was heruntergeladen ist, bleibt</translation>
    </message>
    <message>
      <source>2. Target cases</source>
      <translation>2. Zielfälle</translation>
    </message>
    <message>
      <source>Add from scene</source>
      <translation>Aus der Szene</translation>
    </message>
    <message>
      <source>Add the volumes of the scene that are not in the list, each with the segmentation drawn on it</source>
      <translation>Die Volumina der Szene hinzufügen, die nicht in der Liste sind, jedes mit der Segmentierung, die darauf gezeichnet ist</translation>
    </message>
    <message>
      <source>Add from folder…</source>
      <translation>Aus einem Ordner…</translation>
    </message>
    <message>
      <source>Add the cases of a data set: Decathlon, nnU-Net, images/ and labels/, a MONAI datalist or a table</source>
      <translation>Die Fälle eines Datensatzes hinzufügen: Decathlon, nnU-Net, images/ und labels/, eine MONAI-Datenliste oder eine Tabelle</translation>
    </message>
    <message>
      <source>Target cases</source>
      <translation>Zielfälle</translation>
    </message>
    <message>
      <source>The cases, one a row. Image files, label files and folders can be dropped here.</source>
      <translation>Die Fälle, einer je Zeile. Bilddateien, Labeldateien und Ordner können hier abgelegt werden.</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>Segmentierung</translation>
    </message>
    <message>
      <source>Role</source>
      <translation>Rolle</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Rückgängig</translation>
    </message>
    <message>
      <source>Join channels</source>
      <translation>Kanäle verbinden</translation>
    </message>
    <message>
      <source>Make one case of the selected rows: their images are its channels</source>
      <translation>Aus den ausgewählten Zeilen einen Fall machen: Ihre Bilder sind seine Kanäle</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <source>Remove the selected cases from the list; no file is deleted</source>
      <translation>Die ausgewählten Fälle aus der Liste entfernen; keine Datei wird gelöscht</translation>
    </message>
    <message>
      <source>Your segments, and the source model's labels that they start from:</source>
      <translation>Ihre Segmente, und die Labels des Ausgangsmodells, mit denen sie beginnen:</translation>
    </message>
    <message>
      <source>Your segments and the source model's labels</source>
      <translation>Ihre Segmente und die Labels des Ausgangsmodells</translation>
    </message>
    <message>
      <source>How your segments are matched to the labels of the source model</source>
      <translation>Wie Ihre Segmente den Labels des Ausgangsmodells zugeordnet werden</translation>
    </message>
    <message>
      <source>Your segment</source>
      <translation>Ihr Segment</translation>
    </message>
    <message>
      <source>Source model's label</source>
      <translation>Label des Ausgangsmodells</translation>
    </message>
    <message>
      <source>3. Strategy</source>
      <translation>3. Strategie</translation>
    </message>
    <message>
      <source>Compare several strategies</source>
      <translation>Mehrere Strategien vergleichen</translation>
    </message>
    <message>
      <source>Run several strategies on the same folds and keep the best</source>
      <translation>Mehrere Strategien auf denselben Folds ausführen und die beste behalten</translation>
    </message>
    <message>
      <source>Strategy</source>
      <translation>Strategie</translation>
    </message>
    <message>
      <source>What of the source model is carried over, and what is trained</source>
      <translation>Was vom Ausgangsmodell übernommen und was trainiert wird</translation>
    </message>
    <message>
      <source>Strategies to compare</source>
      <translation>Strategien zum Vergleichen</translation>
    </message>
    <message>
      <source>The strategies to compare</source>
      <translation>Die Strategien, die verglichen werden</translation>
    </message>
    <message>
      <source>Source's cases:</source>
      <translation>Fälle des Ausgangsmodells:</translation>
    </message>
    <message>
      <source>Source's cases</source>
      <translation>Fälle des Ausgangsmodells</translation>
    </message>
    <message>
      <source>The data set that the source model was trained on</source>
      <translation>Der Datensatz, mit dem das Ausgangsmodell trainiert wurde</translation>
    </message>
    <message>
      <source>Budget:</source>
      <translation>Budget:</translation>
    </message>
    <message>
      <source>Budget</source>
      <translation>Budget</translation>
    </message>
    <message>
      <source>Unit of the budget</source>
      <translation>Einheit des Budgets</translation>
    </message>
    <message>
      <source>Minutes count for all trainings of a job together, steps and epochs for each of them</source>
      <translation>Minuten zählen für alle Trainings eines Jobs zusammen, Schritte und Epochen für jedes davon</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>Gerät:</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Gerät</translation>
    </message>
    <message>
      <source>What the networks run on</source>
      <translation>Worauf die Netze laufen</translation>
    </message>
    <message>
      <source>Advanced</source>
      <translation>Erweitert</translation>
    </message>
    <message>
      <source>Folds:</source>
      <translation>Folds:</translation>
    </message>
    <message>
      <source>Folds</source>
      <translation>Folds</translation>
    </message>
    <message>
      <source>How many folds the cross-validation has; 0 trains only the final model, without scores</source>
      <translation>Wie viele Folds die Kreuzvalidierung hat; 0 trainiert nur das endgültige Modell, ohne Bewertungen</translation>
    </message>
    <message>
      <source>automatic</source>
      <translation>automatisch</translation>
    </message>
    <message>
      <source>Jobs folder:</source>
      <translation>Ordner der Jobs:</translation>
    </message>
    <message>
      <source>Jobs folder</source>
      <translation>Ordner der Jobs</translation>
    </message>
    <message>
      <source>Where jobs are kept</source>
      <translation>Wo Jobs liegen</translation>
    </message>
    <message>
      <source>Offline wheels:</source>
      <translation>Wheels ohne Netz:</translation>
    </message>
    <message>
      <source>Offline wheels</source>
      <translation>Wheels ohne Netz</translation>
    </message>
    <message>
      <source>A folder of wheels to install from where there is no network; see docs/offline-installation.md</source>
      <translation>Ein Ordner mit Wheels, aus denen ohne Netz installiert wird; siehe docs/offline-installation.md</translation>
    </message>
    <message>
      <source>4. Run</source>
      <translation>4. Ausführen</translation>
    </message>
    <message>
      <source>Show learning curves while training</source>
      <translation>Lernkurven beim Training zeigen</translation>
    </message>
    <message>
      <source>Log</source>
      <translation>Protokoll</translation>
    </message>
    <message>
      <source>Jobs:</source>
      <translation>Jobs:</translation>
    </message>
    <message>
      <source>Jobs</source>
      <translation>Jobs</translation>
    </message>
    <message>
      <source>The jobs in the jobs folder, the newest first</source>
      <translation>Die Jobs im Ordner der Jobs, die neuesten zuerst</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>Show this job here: its progress, or its results</source>
      <translation>Diesen Job hier zeigen: wie weit er ist, oder seine Ergebnisse</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>Fortsetzen</translation>
    </message>
    <message>
      <source>Go on where the job stopped</source>
      <translation>Dort weitermachen, wo der Job stehen blieb</translation>
    </message>
    <message>
      <source>Delete…</source>
      <translation>Löschen…</translation>
    </message>
    <message>
      <source>Delete the job's folder with all that is in it</source>
      <translation>Den Ordner des Jobs mit allem darin löschen</translation>
    </message>
    <message>
      <source>5. Results</source>
      <translation>5. Ergebnisse</translation>
    </message>
    <message>
      <source>Apply to other volumes</source>
      <translation>Auf andere Volumina anwenden</translation>
    </message>
    <message>
      <source>Use the source model instead</source>
      <translation>Stattdessen das Ausgangsmodell benutzen</translation>
    </message>
    <message>
      <source>Save and apply the source model as it is, not the model of this job</source>
      <translation>Das Ausgangsmodell speichern und anwenden, wie es ist, nicht das Modell dieses Jobs</translation>
    </message>
    <message>
      <source>Name of the model</source>
      <translation>Name des Modells</translation>
    </message>
    <message>
      <source>Name of the adapted model</source>
      <translation>Name des angepassten Modells</translation>
    </message>
    <message>
      <source>Save model</source>
      <translation>Modell speichern</translation>
    </message>
    <message>
      <source>Add the adapted model to your source models</source>
      <translation>Das angepasste Modell zu Ihren Ausgangsmodellen hinzufügen</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Export</translation>
    </message>
    <message>
      <source>Take volumes and intensities, a DICOM segmentation, or the model for other programs</source>
      <translation>Volumina und Intensitäten, eine DICOM-Segmentierung oder das Modell für andere Programme ausgeben</translation>
    </message>
    <message>
      <source>Click a case to look at it.</source>
      <translation>Klicken Sie einen Fall an, um ihn zu sehen.</translation>
    </message>
    <message>
      <source>Cases with their scores</source>
      <translation>Fälle mit ihren Bewertungen</translation>
    </message>
    <message>
      <source>Mean Dice over the segments, case by case</source>
      <translation>Mittlerer Dice über die Segmente, Fall für Fall</translation>
    </message>
    <message>
      <source>Case</source>
      <translation>Fall</translation>
    </message>
    <message>
      <source>Show:</source>
      <translation>Zeigen:</translation>
    </message>
    <message>
      <source>How a case is shown</source>
      <translation>Wie ein Fall gezeigt wird</translation>
    </message>
    <message>
      <source>Reference, source model and adapted model side by side, each in its own view, or as outlines over one another, each in a colour and a line of its own</source>
      <translation>Referenz, Ausgangsmodell und angepasstes Modell nebeneinander, jedes in einer eigenen Ansicht, oder als Umrisse übereinander, jedes mit eigener Farbe und Linie</translation>
    </message>
    <message>
      <source>Load segmentations</source>
      <translation>Segmentierungen laden</translation>
    </message>
    <message>
      <source>Load the adapted model's segmentations of all cases into the scene; only those of the shown case are visible</source>
      <translation>Die Segmentierungen aller Fälle vom angepassten Modell in die Szene laden; nur die des gezeigten Falls sind zu sehen</translation>
    </message>
    <message>
      <source>Details</source>
      <translation>Einzelheiten</translation>
    </message>
    <message>
      <source>The verdict with its numbers, and the scores of each segment with intervals</source>
      <translation>Das Urteil mit seinen Zahlen, und die Bewertungen jedes Segments mit Intervallen</translation>
    </message>
    <message>
      <source>Scores of each strategy and segment</source>
      <translation>Bewertungen jeder Strategie und jedes Segments</translation>
    </message>
    <message>
      <source>Means, with their 95 % intervals, on cases that the models did not see</source>
      <translation>Mittel, mit ihren 95-%-Intervallen, an Fällen, die die Modelle nicht sahen</translation>
    </message>
    <message>
      <source>Segment</source>
      <translation>Segmentieren</translation>
    </message>
    <message>
      <source>Dice</source>
      <translation>Dice</translation>
    </message>
    <message>
      <source>HD95 (mm)</source>
      <translation>HD95 (mm)</translation>
    </message>
    <message>
      <source>Missed</source>
      <translation>Verfehlt</translation>
    </message>
    <message>
      <source>Show chart</source>
      <translation>Diagramm zeigen</translation>
    </message>
    <message>
      <source>Mean Dice of each strategy, as a plot beside the slices</source>
      <translation>Mittlerer Dice jeder Strategie, als Diagramm neben den Schichten</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>Bericht öffnen</translation>
    </message>
    <message>
      <source>The whole comparison on one page, in the browser</source>
      <translation>Der ganze Vergleich auf einer Seite, im Browser</translation>
    </message>
    <message>
      <source>6. Apply</source>
      <translation>6. Anwenden</translation>
    </message>
    <message>
      <source>Apply to:</source>
      <translation>Anwenden auf:</translation>
    </message>
    <message>
      <source>Volume to segment</source>
      <translation>Zu segmentierendes Volumen</translation>
    </message>
    <message>
      <source>The volume to segment with the adapted model; tick “Several volumes” below for more than one</source>
      <translation>Das Volumen, das mit dem angepassten Modell segmentiert wird; für mehrere haken Sie unten „Mehrere Volumina“ an</translation>
    </message>
    <message>
      <source>Result:</source>
      <translation>Ergebnis:</translation>
    </message>
    <message>
      <source>Segmentation that gets the result</source>
      <translation>Segmentierung, die das Ergebnis bekommt</translation>
    </message>
    <message>
      <source>new segmentation</source>
      <translation>neue Segmentierung</translation>
    </message>
    <message>
      <source>The segmentation that gets the result in place of its segments</source>
      <translation>Die Segmentierung, die das Ergebnis anstelle ihrer Segmente bekommt</translation>
    </message>
    <message>
      <source>Several volumes</source>
      <translation>Mehrere Volumina</translation>
    </message>
    <message>
      <source>Tick the volumes to segment in a list</source>
      <translation>Die zu segmentierenden Volumina in einer Liste anhaken</translation>
    </message>
    <message>
      <source>Map of uncertainty</source>
      <translation>Karte der Unsicherheit</translation>
    </message>
    <message>
      <source>Add a volume that says how uncertain the label of each voxel is, from 0 to 1: what the label's mean probability over all copies and models lacks to 1</source>
      <translation>Ein Volumen hinzufügen, das sagt, wie unsicher das Label jedes Voxels ist, von 0 bis 1: was der mittleren Wahrscheinlichkeit des Labels über alle Kopien und Modelle zu 1 fehlt</translation>
    </message>
    <message>
      <source>Volumes to segment</source>
      <translation>Zu segmentierende Volumina</translation>
    </message>
    <message>
      <source>The volumes that are ticked are segmented with the adapted model</source>
      <translation>Die angehakten Volumina werden mit dem angepassten Modell segmentiert</translation>
    </message>
    <message>
      <source>Apply</source>
      <translation>Anwenden</translation>
    </message>
    <message>
      <source>Segment this volume with the adapted model</source>
      <translation>Dieses Volumen mit dem angepassten Modell segmentieren</translation>
    </message>
    <message>
      <source>Apply to folder…</source>
      <translation>Auf Ordner anwenden…</translation>
    </message>
    <message>
      <source>Segment all images of a folder</source>
      <translation>Alle Bilder eines Ordners segmentieren</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>Messen</translation>
    </message>
    <message>
      <source>Measure volume, surface and intensities of what the models of this job have found in the scene</source>
      <translation>Volumen, Oberfläche und Intensitäten dessen messen, was die Modelle dieses Jobs in der Szene gefunden haben</translation>
    </message>
    <message>
      <source>Stop segmenting</source>
      <translation>Das Segmentieren anhalten</translation>
    </message>
    <message>
      <source>Progress of segmenting</source>
      <translation>Fortschritt des Segmentierens</translation>
    </message>
    <message>
      <source>How far the model is with these images</source>
      <translation>Wie weit das Modell mit diesen Bildern ist</translation>
    </message>
    <message>
      <source>Go back to it</source>
      <translation>Dorthin zurück</translation>
    </message>
    <message>
      <source>Show the running job here</source>
      <translation>Den laufenden Job hier zeigen</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>Start</translation>
    </message>
    <message>
      <source>Stop the job; what is trained so far is kept</source>
      <translation>Den Job anhalten; was bisher trainiert ist, bleibt</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Zeigen</translation>
    </message>
    <message>
      <source>Progress of the job</source>
      <translation>Fortschritt des Jobs</translation>
    </message>
  </context>
  <context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
      <source>Segmentation</source>
      <translation>Segmentierung</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.annotated_labels</name>
    <message>
      <source>Annotated in {cases}. Untick a label that nobody drew there; one that is ticked and not drawn is absent.</source>
      <translation>Annotiert in {cases}. Nehmen Sie den Haken von einem Label weg, das dort niemand gezeichnet hat; eines mit Haken, das nicht gezeichnet ist, fehlt dort.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.apply_section</name>
    <message>
      <source>Segmenting…</source>
      <translation>Es wird segmentiert…</translation>
    </message>
    <message>
      <source>Stopped, as the scene was closed.</source>
      <translation>Angehalten, weil die Szene geschlossen wurde.</translation>
    </message>
    <message>
      <source>The model could not be applied.</source>
      <translation>Das Modell konnte nicht angewendet werden.</translation>
    </message>
    <message>
      <source>Cancelled.</source>
      <translation>Abgebrochen.</translation>
    </message>
    <message>
      <source>Replace the {count} segments of “{name}”? They are gone then.</source>
      <translation>Die {count} Segmente von „{name}“ ersetzen? Sie sind dann weg.</translation>
    </message>
    <message>
      <source>{count} segmentations are in {folder}.</source>
      <translation>{count} Segmentierungen liegen in {folder}.</translation>
    </message>
    <message>
      <source>Cancelled; the segmentations made so far are in {folder}.</source>
      <translation>Abgebrochen; die bisherigen Segmentierungen liegen in {folder}.</translation>
    </message>
    <message>
      <source>source model</source>
      <translation>Ausgangsmodell</translation>
    </message>
    <message>
      <source>adapted model</source>
      <translation>angepasstes Modell</translation>
    </message>
    <message>
      <source>“{name}” was taken out of the scene meanwhile; what the model found in it is left out.</source>
      <translation>„{name}“ wurde inzwischen aus der Szene genommen; was das Modell darin fand, bleibt weg.</translation>
    </message>
    <message>
      <source>Loading the segmentations: {count}…</source>
      <translation>Segmentierungen werden geladen: {count}…</translation>
    </message>
    <message>
      <source>“{name}” was taken out of the scene meanwhile; the result is a new segmentation.</source>
      <translation>„{name}“ wurde inzwischen aus der Szene entfernt; das Ergebnis ist eine neue Segmentierung.</translation>
    </message>
    <message>
      <source>Segmented: {names}</source>
      <translation>Segmentiert: {names}</translation>
    </message>
    <message>
      <source>The folder with the images</source>
      <translation>Der Ordner mit den Bildern</translation>
    </message>
    <message>
      <source>Where the segmentations go</source>
      <translation>Wohin die Segmentierungen kommen</translation>
    </message>
    <message>
      <source>Images are being segmented</source>
      <translation>Bilder werden segmentiert</translation>
    </message>
    <message>
      <source>Choose a volume first</source>
      <translation>Wählen Sie zuerst ein Volumen</translation>
    </message>
    <message>
      <source>Segment {names} with the adapted model.</source>
      <translation>{names} mit dem angepassten Modell segmentieren.</translation>
    </message>
    <message>
      <source>Segment {names} with the source model.</source>
      <translation>{names} mit dem Ausgangsmodell segmentieren.</translation>
    </message>
    <message>
      <source>Segment all images of a folder with the adapted model.</source>
      <translation>Alle Bilder eines Ordners mit dem angepassten Modell segmentieren.</translation>
    </message>
    <message>
      <source>Segment all images of a folder with the source model.</source>
      <translation>Alle Bilder eines Ordners mit dem Ausgangsmodell segmentieren.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.cases_section</name>
    <message>
      <source>The volumes of the scene could not be added.</source>
      <translation>Die Volumina der Szene konnten nicht hinzugefügt werden.</translation>
    </message>
    <message>
      <source>Every volume of the scene is in the list.</source>
      <translation>Jedes Volumen der Szene steht in der Liste.</translation>
    </message>
    <message>
      <source>The cases of the folder could not be added.</source>
      <translation>Die Fälle des Ordners konnten nicht hinzugefügt werden.</translation>
    </message>
    <message>
      <source>Every case of this folder is in the list.</source>
      <translation>Jeder Fall dieses Ordners steht in der Liste.</translation>
    </message>
    <message>
      <source>one case</source>
      <translation>ein Fall</translation>
    </message>
    <message>
      <source>{count} cases</source>
      <translation>{count} Fälle</translation>
    </message>
    <message>
      <source>{count} annotated</source>
      <translation>{count} annotiert</translation>
    </message>
    <message>
      <source>errors in {count}</source>
      <translation>Fehler in {count}</translation>
    </message>
    <message>
      <source>none yet</source>
      <translation>noch keine</translation>
    </message>
    <message>
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <source>Segmentation of {case}</source>
      <translation>Segmentierung von {case}</translation>
    </message>
    <message>
      <source>Role of {case}</source>
      <translation>Rolle von {case}</translation>
    </message>
    <message>
      <source>a new label</source>
      <translation>ein neues Label</translation>
    </message>
    <message>
      <source>leave out</source>
      <translation>weglassen</translation>
    </message>
    <message>
      <source>Source model's label for {segment}</source>
      <translation>Label des Ausgangsmodells für {segment}</translation>
    </message>
    <message>
      <source>No cases yet. Load volumes with their segmentations and press “Add from scene”, or add a folder.</source>
      <translation>Noch keine Fälle. Laden Sie Volumina mit ihren Segmentierungen, und drücken Sie „Aus der Szene“, oder fügen Sie einen Ordner hinzu.</translation>
    </message>
    <message>
      <source>{annotated} annotated, {tests} test, {rest} to segment.</source>
      <translation>{annotated} annotiert, {tests} Test, {rest} zu segmentieren.</translation>
    </message>
    <message>
      <source>{annotated} annotated, {validated} to validate on, {tests} test, {rest} to segment.</source>
      <translation>{annotated} annotiert, {validated} zum Validieren, {tests} Test, {rest} zu segmentieren.</translation>
    </message>
    <message>
      <source>Match labels</source>
      <translation>Labels zuordnen</translation>
    </message>
    <message>
      <source>Choose a model</source>
      <translation>Ein Modell wählen</translation>
    </message>
    <message>
      <source>Only segment</source>
      <translation>Nur segmentieren</translation>
    </message>
    <message>
      <source>Resample</source>
      <translation>Umrechnen</translation>
    </message>
    <message>
      <source>Take out</source>
      <translation>Herausnehmen</translation>
    </message>
    <message>
      <source>The segmentation could not be resampled.</source>
      <translation>Die Segmentierung konnte nicht umgerechnet werden.</translation>
    </message>
    <message>
      <source>Resampling the segmentations…</source>
      <translation>Segmentierungen werden umgerechnet…</translation>
    </message>
    <message>
      <source>No problems found.</source>
      <translation>Keine Probleme gefunden.</translation>
    </message>
    <message>
      <source>{case}: {problem}</source>
      <translation>{case}: {problem}</translation>
    </message>
    <message>
      <source>The cases are checked again when the job has ended, so as not to slow it down.</source>
      <translation>Die Fälle werden wieder geprüft, wenn der Job zu Ende ist, um ihn nicht zu bremsen.</translation>
    </message>
    <message>
      <source>The cases are being checked…</source>
      <translation>Die Fälle werden geprüft…</translation>
    </message>
    <message>
      <source>Select rows of the table first</source>
      <translation>Wählen Sie zuerst Zeilen der Tabelle aus</translation>
    </message>
    <message>
      <source>Select the rows that are channels of one case first</source>
      <translation>Wählen Sie zuerst die Zeilen aus, die Kanäle eines Falls sind</translation>
    </message>
    <message>
      <source>Bring back {names} (Ctrl+Z)</source>
      <translation>{names} zurückholen (Strg+Z)</translation>
    </message>
    <message>
      <source>These rows cannot be channels of one case.</source>
      <translation>Diese Zeilen können nicht Kanäle eines Falls sein.</translation>
    </message>
    <message>
      <source>A data set's folder</source>
      <translation>Der Ordner eines Datensatzes</translation>
    </message>
    <message>
      <source>What was dropped could not be added.</source>
      <translation>Was abgelegt wurde, konnte nicht hinzugefügt werden.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.channel_selectors</name>
    <message>
      <source>The volume with the channel {channel}</source>
      <translation>Das Volumen mit dem Kanal {channel}</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.charts</name>
    <message>
      <source>Learning curves</source>
      <translation>Lernkurven</translation>
    </message>
    <message>
      <source>training step</source>
      <translation>Trainingsschritt</translation>
    </message>
    <message>
      <source>loss (smaller is better)</source>
      <translation>Verlust (kleiner ist besser)</translation>
    </message>
    <message>
      <source>Learning curves: {name}</source>
      <translation>Lernkurven: {name}</translation>
    </message>
    <message>
      <source>loss</source>
      <translation>Verlust</translation>
    </message>
    <message>
      <source>step</source>
      <translation>Schritt</translation>
    </message>
    <message>
      <source>final model</source>
      <translation>endgültiges Modell</translation>
    </message>
    <message>
      <source>fold {number}</source>
      <translation>Fold {number}</translation>
    </message>
    <message>
      <source>model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>TransferSeg scores</source>
      <translation>Bewertungen von TransferSeg</translation>
    </message>
    <message>
      <source>Mean {metric}</source>
      <translation>Mittel {metric}</translation>
    </message>
    <message>
      <source>Mean {metric} on cases that the models did not see</source>
      <translation>Mittel {metric} an Fällen, die die Modelle nicht sahen</translation>
    </message>
    <message>
      <source>mean {metric}</source>
      <translation>Mittel {metric}</translation>
    </message>
    <message>
      <source>mean {metric} (0 to 1)</source>
      <translation>Mittel {metric} (0 bis 1)</translation>
    </message>
    <message>
      <source>Dice over the rounds</source>
      <translation>Dice über die Runden</translation>
    </message>
    <message>
      <source>shared cases</source>
      <translation>gemeinsame Fälle</translation>
    </message>
    <message>
      <source>shared cases, interval from</source>
      <translation>gemeinsame Fälle, Intervall von</translation>
    </message>
    <message>
      <source>shared cases, interval to</source>
      <translation>gemeinsame Fälle, Intervall bis</translation>
    </message>
    <message>
      <source>all annotated cases</source>
      <translation>alle annotierten Fälle</translation>
    </message>
    <message>
      <source>cases that began as predictions</source>
      <translation>Fälle, die als Vorhersagen begannen</translation>
    </message>
    <message>
      <source>shared cases, source model</source>
      <translation>gemeinsame Fälle, Ausgangsmodell</translation>
    </message>
    <message>
      <source>round</source>
      <translation>Runde</translation>
    </message>
    <message>
      <source>mean Dice (0 to 1)</source>
      <translation>mittlerer Dice (0 bis 1)</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.correct_section</name>
    <message>
      <source>The model or the labels have changed; press “Next case” again.</source>
      <translation>Das Modell oder die Labels haben sich geändert; drücken Sie noch einmal „Nächster Fall“.</translation>
    </message>
    <message>
      <source>Cancelled.</source>
      <translation>Abgebrochen.</translation>
    </message>
    <message>
      <source>The case could not be segmented.</source>
      <translation>Der Fall konnte nicht segmentiert werden.</translation>
    </message>
    <message>
      <source>The case could not be opened.</source>
      <translation>Der Fall konnte nicht geöffnet werden.</translation>
    </message>
    <message>
      <source>One draft is in the scene; correct and accept it.</source>
      <translation>Ein Entwurf ist in der Szene; korrigieren Sie ihn, und nehmen Sie ihn an.</translation>
    </message>
    <message>
      <source>{count} drafts are in the scene; correct and accept them.</source>
      <translation>{count} Entwürfe sind in der Szene; korrigieren Sie sie, und nehmen Sie sie an.</translation>
    </message>
    <message>
      <source>You have worked on {cases} meanwhile; what the model found there is left out.</source>
      <translation>An {cases} haben Sie inzwischen gearbeitet; was das Modell dort gefunden hat, wird weggelassen.</translation>
    </message>
    <message>
      <source>The next case could not be found.</source>
      <translation>Der nächste Fall konnte nicht gefunden werden.</translation>
    </message>
    <message>
      <source>Drawn at random, for all rounds to be compared on ({number} of {count}).</source>
      <translation>Zufällig gezogen, damit alle Runden daran verglichen werden ({number} von {count}).</translation>
    </message>
    <message>
      <source>It is the last of those that were drawn ({number} of {count}); draw it, or press Flag for another.</source>
      <translation>Das ist der letzte der gezogenen Fälle ({number} von {count}); segmentieren Sie ihn, oder drücken Sie „Zurückstellen“, damit ein anderer gezogen wird.</translation>
    </message>
    <message>
      <source>The next case could not be opened.</source>
      <translation>Der nächste Fall konnte nicht geöffnet werden.</translation>
    </message>
    <message>
      <source>{case}: draw it without a prediction, then accept it.</source>
      <translation>{case}: Segmentieren Sie ihn ohne eine Vorhersage, und nehmen Sie ihn dann an.</translation>
    </message>
    <message>
      <source>{case}: correct what “{model}” found, then accept it.</source>
      <translation>{case}: Korrigieren Sie, was „{model}“ fand, und nehmen Sie es dann an.</translation>
    </message>
    <message>
      <source>{case}: correct its annotation, then accept it.</source>
      <translation>{case}: Korrigieren Sie seine Annotation, und nehmen Sie sie dann an.</translation>
    </message>
    <message>
      <source>The segmentation could not be accepted.</source>
      <translation>Die Segmentierung konnte nicht angenommen werden.</translation>
    </message>
    <message>
      <source>Accept “{case}”? {empty} If it is not finished, press No and draw it.</source>
      <translation>„{case}“ annehmen? {empty} Ist er nicht fertig, drücken Sie Nein, und segmentieren Sie ihn.</translation>
    </message>
    <message>
      <source>“{case}” is annotated.</source>
      <translation>„{case}“ ist annotiert.</translation>
    </message>
    <message>
      <source>It is accepted; open it again to correct it further</source>
      <translation>Der Fall ist angenommen; öffnen Sie ihn wieder, um ihn weiter zu korrigieren</translation>
    </message>
    <message>
      <source>The case could not be put aside.</source>
      <translation>Der Fall konnte nicht zurückgestellt werden.</translation>
    </message>
    <message>
      <source>“{case}” is put aside; “Correct” opens it again.</source>
      <translation>„{case}“ ist zurückgestellt; „Korrigieren“ öffnet ihn wieder.</translation>
    </message>
    <message>
      <source>The module could not be opened.</source>
      <translation>Das Modul konnte nicht geöffnet werden.</translation>
    </message>
    <message>
      <source>done</source>
      <translation>fertig</translation>
    </message>
    <message>
      <source>This case is annotated, so rounds learn from it; correct and accept it, remove it from the cases, or leave it</source>
      <translation>Dieser Fall ist annotiert, also lernen die Runden von ihm; korrigieren Sie ihn und nehmen Sie ihn an, entfernen Sie ihn aus den Fällen, oder lassen Sie ihn, wie er ist</translation>
    </message>
    <message>
      <source>A case is being looked for</source>
      <translation>Ein Fall wird gesucht</translation>
    </message>
    <message>
      <source>Choose a source model that is on this computer</source>
      <translation>Wählen Sie ein Ausgangsmodell, das auf diesem Computer ist</translation>
    </message>
    <message>
      <source>Every case is annotated or put aside</source>
      <translation>Jeder Fall ist annotiert oder zurückgestellt</translation>
    </message>
    <message>
      <source>A case is being segmented</source>
      <translation>Ein Fall wird segmentiert</translation>
    </message>
    <message>
      <source>Select a case in the table first</source>
      <translation>Wählen Sie zuerst einen Fall in der Tabelle aus</translation>
    </message>
    <message>
      <source>These cases have segmentations, or drafts that you have worked on</source>
      <translation>Diese Fälle haben Segmentierungen, oder Entwürfe, an denen Sie gearbeitet haben</translation>
    </message>
    <message>
      <source>These cases have no segmentation and no draft in the scene</source>
      <translation>Diese Fälle haben in der Szene weder eine Segmentierung noch einen Entwurf</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.corrections</name>
    <message>
      <source>{name} (as predicted)</source>
      <translation>{name} (wie vorhergesagt)</translation>
    </message>
    <message>
      <source>{name}: annotation</source>
      <translation>{name}: Annotation</translation>
    </message>
    <message>
      <source>Drawn without a prediction.</source>
      <translation>Ohne eine Vorhersage segmentiert.</translation>
    </message>
    <message>
      <source>Began as a prediction of “{model}”.</source>
      <translation>Begann als Vorhersage von „{model}“.</translation>
    </message>
    <message>
      <source>The prediction of “{model}” was accepted as it is; look once more if you did not mean to.</source>
      <translation>Die Vorhersage von „{model}“ wurde angenommen, wie sie ist; sehen Sie noch einmal hin, wenn das nicht gemeint war.</translation>
    </message>
    <message>
      <source>Began as a prediction of “{model}”: {ml:.2f} mL changed, Dice {dice} to it.</source>
      <translation>Begann als Vorhersage von „{model}“: {ml:.2f} mL geändert, Dice {dice} zu ihr.</translation>
    </message>
    <message>
      <source>Began as a prediction of “{model}”, edited before; since then {ml:.2f} mL changed, Dice {dice}.</source>
      <translation>Begann als Vorhersage von „{model}“, früher bearbeitet; seitdem {ml:.2f} mL geändert, Dice {dice}.</translation>
    </message>
    <message>
      <source>Nothing is segmented in it, so it counts as a case in which there is nothing of {labels}.</source>
      <translation>In ihm ist nichts segmentiert; er zählt als Fall, in dem es nichts gibt von: {labels}.</translation>
    </message>
    <message>
      <source>Nothing is segmented in it.</source>
      <translation>In ihm ist nichts segmentiert.</translation>
    </message>
    <message>
      <source>{labels} is not drawn and counts as not there; if nobody looked for it, untick it below the cases.</source>
      <translation>{labels} ist nicht gezeichnet und gilt als nicht vorhanden; wenn niemand danach gesucht hat, entfernen Sie das Häkchen unter den Fällen.</translation>
    </message>
    <message>
      <source>{labels} are not drawn and count as not there; if nobody looked for them, untick them below the cases.</source>
      <translation>{labels} sind nicht gezeichnet und gelten als nicht vorhanden; wenn niemand danach gesucht hat, entfernen Sie die Häkchen unter den Fällen.</translation>
    </message>
    <message>
      <source>It is put aside; accept it to take it back.</source>
      <translation>Er ist zurückgestellt; nehmen Sie ihn an, um ihn zurückzuholen.</translation>
    </message>
    <message>
      <source>It has a draft, “{name}”, which is not accepted yet.</source>
      <translation>Er hat einen Entwurf, „{name}“, der noch nicht angenommen ist.</translation>
    </message>
    <message>
      <source>Only these slices count as annotated: {slices}.</source>
      <translation>Nur diese Schichten zählen als annotiert: {slices}.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.dependencies</name>
    <message>
      <source>TransferSeg: install packages</source>
      <translation>TransferSeg: Pakete installieren</translation>
    </message>
    <message>
      <source>{size}; on Linux, with the libraries for NVIDIA GPUs, {more}</source>
      <translation>{size}; unter Linux, mit den Bibliotheken für NVIDIA-Grafikkarten, {more}</translation>
    </message>
    <message>
      <source>  {requirement}: {size}; replaces version {there}</source>
      <translation>  {requirement}: {size}; ersetzt Version {there}</translation>
    </message>
    <message>
      <source>(An installation that broke off left behind: {names}.)</source>
      <translation>(Eine abgebrochene Installation ließ zurück: {names}.)</translation>
    </message>
    <message>
      <source>TransferSeg needs {count} Python packages that are not installed yet:

{names}

They are installed into Slicer's own Python, {size} in all to download and about three times as much on disk, which takes some minutes. Install them now?</source>
      <translation>TransferSeg braucht {count} Python-Pakete, die noch nicht installiert sind:

{names}

Sie werden in Slicers eigenes Python installiert, zusammen {size} herunterzuladen und etwa dreimal so viel auf der Festplatte; das dauert einige Minuten. Jetzt installieren?</translation>
    </message>
    <message>
      <source>less than 1 MB</source>
      <translation>weniger als 1 MB</translation>
    </message>
    <message>
      <source>about {n} MB</source>
      <translation>etwa {n} MB</translation>
    </message>
    <message>
      <source>about {n} GB</source>
      <translation>etwa {n} GB</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.drops</name>
    <message>
      <source>label {value}</source>
      <translation>Label {value}</translation>
    </message>
    <message>
      <source>Of “{case}” only these slices are declared to be annotated: {slices}. Is “{name}” annotated in these slices alone, too? With No, all of its slices count as annotated.</source>
      <translation>Von „{case}“ sind nur diese Schichten als annotiert angegeben: {slices}. Ist auch „{name}“ nur in diesen Schichten annotiert? Bei Nein zählen alle seine Schichten als annotiert.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.efforts</name>
    <message>
      <source>As nnU-Net does it, {runs} runs of a network over this volume, {before} of them of the first stage. Without a GPU that can take many minutes. A GPU under Device is faster, or this:</source>
      <translation>Wie nnU-Net es macht: {runs} Durchläufe eines Netzes über dieses Volumen, davon {before} der ersten Stufe. Ohne GPU kann das viele Minuten dauern. Schneller geht es mit einer GPU unter Gerät, oder hiermit:</translation>
    </message>
    <message>
      <source>As nnU-Net does it, {runs} runs of a network over this volume (windows: {windows}, copies of each: {copies}, networks: {networks}). Without a GPU that can take many minutes. A GPU under Device is faster, or this:</source>
      <translation>Wie nnU-Net es macht: {runs} Durchläufe eines Netzes über dieses Volumen (Fenster: {windows}, Kopien von jedem: {copies}, Netze: {networks}). Ohne GPU kann das viele Minuten dauern. Schneller geht es mit einer GPU unter Gerät, oder hiermit:</translation>
    </message>
    <message>
      <source>As nnU-Net does it, {runs} runs of a network over these {count} volumes. Without a GPU that can take many minutes. A GPU under Device is faster, or this:</source>
      <translation>Wie nnU-Net es macht: {runs} Durchläufe eines Netzes über diese {count} Volumen. Ohne GPU kann das viele Minuten dauern. Schneller geht es mit einer GPU unter Gerät, oder hiermit:</translation>
    </message>
    <message>
      <source>The next case is chosen by a look at {count} of them: up to {runs} runs of a network (windows, shifted copies, networks: {networks}). Without a GPU that can take many minutes; a GPU under Device is faster.</source>
      <translation>Um den nächsten Fall auszuwählen, werden {count} Fälle angesehen: bis zu {runs} Durchläufe eines Netzes (Fenster, verschobene Kopien, Netze: {networks}). Ohne GPU kann das viele Minuten dauern; mit einer GPU unter Gerät geht es schneller.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.export_section</name>
    <message>
      <source>Model as MONAI bundle…</source>
      <translation>Modell als MONAI-Bundle…</translation>
    </message>
    <message>
      <source>“{name}” is among the source models already</source>
      <translation>„{name}“ ist schon unter den Ausgangsmodellen</translation>
    </message>
    <message>
      <source>Give the model a name first</source>
      <translation>Geben Sie dem Modell zuerst einen Namen</translation>
    </message>
    <message>
      <source>Add the adapted model to your source models.</source>
      <translation>Das angepasste Modell zu Ihren Ausgangsmodellen hinzufügen.</translation>
    </message>
    <message>
      <source>Add the source model to your source models.</source>
      <translation>Das Ausgangsmodell zu Ihren Ausgangsmodellen hinzufügen.</translation>
    </message>
    <message>
      <source>A model is being exported</source>
      <translation>Ein Modell wird exportiert</translation>
    </message>
    <message>
      <source>The model could not be saved.</source>
      <translation>Das Modell konnte nicht gespeichert werden.</translation>
    </message>
    <message>
      <source>Where the folder of the bundle goes</source>
      <translation>Wohin der Ordner des Bundles kommt</translation>
    </message>
    <message>
      <source>The model could not be exported.</source>
      <translation>Das Modell konnte nicht exportiert werden.</translation>
    </message>
    <message>
      <source>Exporting the model…</source>
      <translation>Das Modell wird exportiert…</translation>
    </message>
    <message>
      <source>The MONAI bundle is in {folder}; its docs/README.md says what to know.</source>
      <translation>Das MONAI-Bundle liegt in {folder}; was zu wissen ist, steht darin in docs/README.md.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.findings</name>
    <message>
      <source>Error</source>
      <translation>Fehler</translation>
    </message>
    <message>
      <source>Warning</source>
      <translation>Warnung</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>Hinweis</translation>
    </message>
    <message>
      <source>{case}: {problem}</source>
      <translation>{case}: {problem}</translation>
    </message>
    <message>
      <source>{severity}: {finding}</source>
      <translation>{severity}: {finding}</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.jobs</name>
    <message>
      <source>process {number} on {computer}</source>
      <translation>Prozess {number} auf {computer}</translation>
    </message>
    <message>
      <source>another process</source>
      <translation>einem anderen Prozess</translation>
    </message>
    <message>
      <source>{case}: {problem}</source>
      <translation>{case}: {problem}</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.kept_model</name>
    <message>
      <source>The model of this job is the source model as it is.</source>
      <translation>Das Modell dieses Jobs ist das Ausgangsmodell, wie es ist.</translation>
    </message>
    <message>
      <source>The model of this job: {strategy}.</source>
      <translation>Das Modell dieses Jobs: {strategy}.</translation>
    </message>
    <message>
      <source>It was not compared with the source model.</source>
      <translation>Es wurde nicht mit dem Ausgangsmodell verglichen.</translation>
    </message>
    <message>
      <source>{count} of {of} cases are worse</source>
      <translation>{count} von {of} Fällen sind schlechter</translation>
    </message>
    <message>
      <source>mean Dice {first} against {second}</source>
      <translation>mittlerer Dice {first} gegen {second}</translation>
    </message>
    <message>
      <source>It is worse than the source model: {scores}.</source>
      <translation>Es ist schlechter als das Ausgangsmodell: {scores}.</translation>
    </message>
    <message>
      <source>It seems worse than the source model: {scores}.</source>
      <translation>Es scheint schlechter als das Ausgangsmodell: {scores}.</translation>
    </message>
    <message>
      <source>It is no better than the source model: {scores}.</source>
      <translation>Es ist nicht besser als das Ausgangsmodell: {scores}.</translation>
    </message>
  </context>
  <context>
    <name>TransferSeg.library</name>
    <message>
      <source>case `{case}`: {direction} slice {number} is said to be annotated, and its image has the slices 0 to {last}; correct the number.</source>
      <translation>Fall `{case}`: Von der Schicht {number} ({direction}) heißt es, sie sei annotiert, und sein Bild hat die Schichten 0 bis {last}; berichtigen Sie die Nummer.</translation>
    </message>
    <message>
      <source>the image</source>
      <translation>das Bild</translation>
    </message>
    <message>
      <source>the segmentation</source>
      <translation>die Segmentierung</translation>
    </message>
    <message>
      <source>left–right</source>
      <translation>links–rechts</translation>
    </message>
    <message>
      <source>posterior–anterior</source>
      <translation>posterior–anterior</translation>
    </message>
    <message>
      <source>inferior–superior</source>
      <translation>inferior–superior</translation>
    </message>
    <message>
      <source>the data set says {modality}</source>
      <translation>der Datensatz sagt {modality}</translation>
    </message>
    <message>
      <source>correct the data set</source>
      <translation>berichtigen Sie den Datensatz</translation>
    </message>
    <message>
      <source>{same_size:?if {what} was drawn on {to}, its header is wrong: give it the header of {to}; else |}resample {what} to {to} with nearest neighbour</source>
      <translation>{same_size:?wenn {what} auf {to} gezeichnet wurde, ist der Header falsch: Geben Sie ihr den Header von {to}; sonst |}tasten Sie {what} auf {to} um, mit dem nächsten Nachbarn</translation>
    </message>
    <message>
      <source>no image has the name of the segmentation {label} ({image} is not there){some:?; {count} {count:~image has|images have} no segmentation: {alone:…`}|}</source>
      <translation>kein Bild heißt wie die Segmentierung {label} ({image} gibt es nicht){some:?; {count} {count:~Bild hat|Bilder haben} keine Segmentierung: {alone:…`}|}</translation>
    </message>
    <message>
      <source>name the segmentation as its image, or move it away</source>
      <translation>nennen Sie die Segmentierung wie ihr Bild, oder verschieben Sie sie an einen anderen Ort</translation>
    </message>
    <message>
      <source>no segmentation has the name of the image {image} ({label} is not there)</source>
      <translation>keine Segmentierung heißt wie das Bild {image} ({label} gibt es nicht)</translation>
    </message>
    <message>
      <source>name its segmentation so, or move the image away</source>
      <translation>nennen Sie seine Segmentierung so, oder verschieben Sie das Bild an einen anderen Ort</translation>
    </message>
    <message>
      <source>{found} {found:~image|images} where the data set has {wanted} {wanted:~channel|channels} ({channels})</source>
      <translation>{found} {found:~Bild|Bilder}, wo der Datensatz {wanted} {wanted:~Kanal|Kanäle} hat ({channels})</translation>
    </message>
    <message>
      <source>{lacks:?add the missing channel|remove the extra channel}</source>
      <translation>{lacks:?ergänzen Sie den fehlenden Kanal|entfernen Sie den überzähligen Kanal}</translation>
    </message>
    <message>
      <source>channels {first} and {second} are on different grids: {differences:;}</source>
      <translation>die Kanäle {first} und {second} liegen auf verschiedenen Gittern: {differences:;}</translation>
    </message>
    <message>
      <source>resample them to one grid</source>
      <translation>tasten Sie sie auf ein gemeinsames Gitter um</translation>
    </message>
    <message>
      <source>image and segmentation are on different grids: {differences:;}</source>
      <translation>Bild und Segmentierung liegen auf verschiedenen Gittern: {differences:;}</translation>
    </message>
    <message>
      <source>image {file} has values that are NaN, infinite or too large for 32 bits</source>
      <translation>das Bild {file} hat Werte, die NaN, unendlich oder zu groß für 32 Bit sind</translation>
    </message>
    <message>
      <source>replace them, by 0 if they lie outside the body</source>
      <translation>ersetzen Sie sie, durch 0, wenn sie außerhalb des Körpers liegen</translation>
    </message>
    <message>
      <source>image {file} is {value:g} everywhere</source>
      <translation>das Bild {file} ist überall {value:g}</translation>
    </message>
    <message>
      <source>export it again, or leave the case out</source>
      <translation>exportieren Sie es noch einmal, oder lassen Sie den Fall weg</translation>
    </message>
    <message>
      <source>image {file} has intensities from {low:g} to {high:g}, which are not Hounsfield units as of CT, and {meant}</source>
      <translation>das Bild {file} hat Intensitäten von {low:g} bis {high:g}, die keine Hounsfield-Einheiten wie von CT sind, und {meant}</translation>
    </message>
    <message>
      <source>if it is CT, rescale it to Hounsfield units; if it is not, {otherwise}</source>
      <translation>ist es CT, rechnen Sie es in Hounsfield-Einheiten um; wenn nicht, {otherwise}</translation>
    </message>
    <message>
      <source>image {file} has intensities from {low:g} to {high:g}, which look like CT, and {meant}</source>
      <translation>das Bild {file} hat Intensitäten von {low:g} bis {high:g}, die nach CT aussehen, und {meant}</translation>
    </message>
    <message>
      <source>check the modality, or start from a model for CT</source>
      <translation>prüfen Sie die Modalität, oder beginnen Sie mit einem Modell für CT</translation>
    </message>
    <message>
      <source>the segmentation has {count} {count:~value|values} ({values:…}) below 0</source>
      <translation>die Segmentierung hat {count} {count:~Wert|Werte} ({values:…}) unter 0</translation>
    </message>
    <message>
      <source>write 0 for what is no label, and number the labels from 1</source>
      <translation>schreiben Sie 0 für das, was kein Label ist, und nummerieren Sie die Labels ab 1</translation>
    </message>
    <message>
      <source>the segmentation has {count} {count:~value|values} ({values:…}) that the list of labels lacks</source>
      <translation>die Segmentierung hat {count} {count:~Wert|Werte} ({values:…}), {count:~der|die} in der Liste der Labels {count:~fehlt|fehlen}</translation>
    </message>
    <message>
      <source>add them to the list, or correct the segmentation</source>
      <translation>fügen Sie sie der Liste hinzu, oder berichtigen Sie die Segmentierung</translation>
    </message>
    <message>
      <source>the segmentation is empty</source>
      <translation>die Segmentierung ist leer</translation>
    </message>
    <message>
      <source>keep it if there is nothing to segment, otherwise annotate the case or list it as unlabelled</source>
      <translation>behalten Sie sie, wenn es nichts zu segmentieren gibt; sonst annotieren Sie den Fall, oder führen Sie ihn als nicht annotiert</translation>
    </message>
    <message>
      <source>{labels:…`} {several:?are|is} said not to be annotated, and the segmentation has {several:?them|it}</source>
      <translation>{labels:…`} {several:?sollen|soll} nicht annotiert sein, und die Segmentierung hat {several:?sie|es} doch</translation>
    </message>
    <message>
      <source>if {several:?they are|it is} annotated in full, take {several:?them|it} out of `not_annotated`; else what is drawn is learned, and {several:?they are|it is} not scored in this case</source>
      <translation>{several:?sind sie|ist es} ganz annotiert, nehmen Sie {several:?sie|es} aus `not_annotated`; sonst wird gelernt, was gezeichnet ist, und {several:?sie werden|es wird} in diesem Fall nicht bewertet</translation>
    </message>
    <message>
      <source>its axes run {axes}, those of {count} of {cases} cases {usual}</source>
      <translation>seine Achsen laufen {axes}, die von {count} von {cases} Fällen {usual}</translation>
    </message>
    <message>
      <source>look at it beside another case: if it is mirrored or upside down, its header is wrong</source>
      <translation>vergleichen Sie ihn mit einem anderen Fall: Ist er gespiegelt oder steht er auf dem Kopf, ist sein Header falsch</translation>
    </message>
    <message>
      <source>its labels lie mirrored {axes} to those of the other cases, though its header does not say so</source>
      <translation>seine Labels liegen gegenüber denen der anderen Fälle {axes} gespiegelt, obwohl sein Header das nicht sagt</translation>
    </message>
    <message>
      <source>look at it beside another case: if its image is mirrored too, export it again; if only its labels are, or two of them are exchanged, correct them{sides:?, unless it shows the other side of the body|}</source>
      <translation>vergleichen Sie ihn mit einem anderen Fall: Ist auch sein Bild gespiegelt, exportieren Sie es noch einmal; sind es nur seine Labels, oder sind zwei von ihnen vertauscht, berichtigen Sie sie{sides:?, es sei denn, er zeigt die andere Körperseite|}</translation>
    </message>
    <message>
      <source>two of its channels are the same image</source>
      <translation>zwei seiner Kanäle sind dasselbe Bild</translation>
    </message>
    <message>
      <source>give each channel its own image</source>
      <translation>geben Sie jedem Kanal sein eigenes Bild</translation>
    </message>
    <message>
      <source>its segmentation {label} is {same_file:?the file of|a copy of} its image {image}</source>
      <translation>seine Segmentierung {label} ist {same_file:?die Datei|eine Kopie} seines Bildes {image}</translation>
    </message>
    <message>
      <source>give the segmentation, or the image, that belongs there</source>
      <translation>geben Sie die Segmentierung oder das Bild an, das dort hingehört</translation>
    </message>
    <message>
      <source>its image {file} has only the values {values:…}, as segmentations have</source>
      <translation>sein Bild {file} hat nur die Werte {values:…}, wie Segmentierungen sie haben</translation>
    </message>
    <message>
      <source>{alone:?if it is the segmentation of another case, name it as that case's image, or that and `_seg`|check that image and segmentation are not exchanged}</source>
      <translation>{alone:?ist es die Segmentierung eines anderen Falls, nennen Sie sie wie dessen Bild, oder so mit `_seg` dahinter|prüfen Sie, ob Bild und Segmentierung vertauscht sind}</translation>
    </message>
    <message>
      <source>has the same image as case `{other}`</source>
      <translation>hat dasselbe Bild wie der Fall `{other}`</translation>
    </message>
    <message>
      <source>remove one of the two{scored:?, or a model is scored on an image that it was trained on|}</source>
      <translation>entfernen Sie einen der beiden{scored:?, sonst wird ein Modell an einem Bild bewertet, mit dem es trainiert wurde|}</translation>
    </message>
    <message>
      <source>has the same segmentation as case `{other}`, of another image</source>
      <translation>hat dieselbe Segmentierung wie der Fall `{other}`, der ein anderes Bild hat</translation>
    </message>
    <message>
      <source>check which of the two it belongs to</source>
      <translation>prüfen Sie, zu welchem der beiden sie gehört</translation>
    </message>
    <message>
      <source>of the source's cases, has the same image as case `{other}` of the target</source>
      <translation>von den Fällen des Ausgangsmodells: hat dasselbe Bild wie der Zielfall `{other}`</translation>
    </message>
    <message>
      <source>remove it from the source's cases, or a model is scored on an image that it was trained on</source>
      <translation>entfernen Sie ihn aus den Fällen des Ausgangsmodells, sonst wird ein Modell an einem Bild bewertet, mit dem es trainiert wurde</translation>
    </message>
    <message>
      <source>{count} {count:~case has|cases have} no segmentation: {names:…`}</source>
      <translation>{count} {count:~Fall hat|Fälle haben} keine Segmentierung: {names:…`}</translation>
    </message>
    <message>
      <source>{count:~it is|they are} segmented and not trained on; if {count:~it was|they were} annotated, look at the names of the files</source>
      <translation>{count:~er wird|sie werden} segmentiert und nicht zum Training benutzt; {count:~war er|waren sie} annotiert, sehen Sie nach den Namen der Dateien</translation>
    </message>
    <message>
      <source>no case to train on has a segmentation</source>
      <translation>kein Fall zum Trainieren hat eine Segmentierung</translation>
    </message>
    <message>
      <source>annotate at least one case</source>
      <translation>annotieren Sie mindestens einen Fall</translation>
    </message>
    <message>
      <source>the segmentation is empty in {several:?all of |}{count} annotated {count:~case|cases}</source>
      <translation>die Segmentierung ist leer in {several:?allen |}{count} {count:~annotierten Fall|annotierten Fällen}</translation>
    </message>
    <message>
      <source>annotate what is to be segmented, or check that these are the right files</source>
      <translation>annotieren Sie, was segmentiert werden soll, oder prüfen Sie, ob es die richtigen Dateien sind</translation>
    </message>
    <message>
      <source>has no `{label}` ({value}), which {count} of {cases} annotated {cases:~case|cases} have</source>
      <translation>hat kein `{label}` ({value}), das {count} von {cases} annotierten {cases:~Fall|Fällen} haben</translation>
    </message>
    <message>
      <source>annotate it, unless it is really not there</source>
      <translation>annotieren Sie es, wenn es nicht wirklich fehlt</translation>
    </message>
    <message>
      <source>label `{label}` ({value}) occurs in {count:?{count}|none} of {cases} annotated {cases:~case|cases}</source>
      <translation>das Label `{label}` ({value}) kommt in {count:?{count}|keinem} von {cases} annotierten {cases:~Fall|Fällen} vor</translation>
    </message>
    <message>
      <source>annotate it in two cases or more: it cannot be scored on a case that was not trained on</source>
      <translation>annotieren Sie es in zwei Fällen oder mehr: An einem Fall, mit dem nicht trainiert wurde, kann es sonst nicht bewertet werden</translation>
    </message>
    <message>
      <source>{path}: is a {kind}: pictures that a program made, and no scan</source>
      <translation>{path}: ist {kind}: Bilder, die ein Programm gemacht hat, und keine Aufnahme</translation>
    </message>
    <message>
      <source>give the original series of the scan</source>
      <translation>geben Sie die ursprüngliche Serie der Aufnahme an</translation>
    </message>
    <message>
      <source>{path}: is a colour image</source>
      <translation>{path}: ist ein Farbbild</translation>
    </message>
    <message>
      <source>leave it out; give the series of the scan itself</source>
      <translation>lassen Sie es weg; geben Sie die Serie der Aufnahme selbst an</translation>
    </message>
    <message>
      <source>{path}: has all slices of a volume in one picture (a mosaic)</source>
      <translation>{path}: hat alle Schichten eines Volumens in einem Bild (ein Mosaik)</translation>
    </message>
    <message>
      <source>convert it with dcm2niix, and give the .nii.gz file</source>
      <translation>wandeln Sie es mit dcm2niix um, und geben Sie die Datei .nii.gz an</translation>
    </message>
    <message>
      <source>{path}: scales its intensities by a table (ModalityLUTSequence), which is not supported</source>
      <translation>{path}: skaliert seine Intensitäten mit einer Tabelle (ModalityLUTSequence), was nicht unterstützt wird</translation>
    </message>
    <message>
      <source>export it with RescaleSlope and RescaleIntercept, or as .nii.gz</source>
      <translation>exportieren Sie es mit RescaleSlope und RescaleIntercept, oder als .nii.gz</translation>
    </message>
    <message>
      <source>{path}: is a file of {frames} frames ({kind}) that does not say where each of them lies</source>
      <translation>{path}: ist eine Datei aus {frames} Einzelbildern ({kind}), die nicht sagt, wo jedes von ihnen liegt</translation>
    </message>
    <message>
      <source>{path}: {frame:?frame {frame} |}does not say where its voxels lie: {attribute} is missing</source>
      <translation>{path}: {frame:?Einzelbild {frame} |}sagt nicht, wo seine Voxel liegen: {attribute} fehlt</translation>
    </message>
    <message>
      <source>export the original series of the scan again</source>
      <translation>exportieren Sie die ursprüngliche Serie der Aufnahme noch einmal</translation>
    </message>
    <message>
      <source>{path}: {frame:?frame {frame} |}cannot be scaled to real intensities: {attribute} is {value}</source>
      <translation>{path}: {frame:?Einzelbild {frame} |}lässt sich nicht auf wirkliche Intensitäten skalieren: {attribute} ist {value}</translation>
    </message>
    <message>
      <source>export it again from its source</source>
      <translation>exportieren Sie es noch einmal aus seiner Quelle</translation>
    </message>
    <message>
      <source>{path}: {frame:?frame {frame} |}does not say where its voxels lie: {attribute} is {value}</source>
      <translation>{path}: {frame:?Einzelbild {frame} |}sagt nicht, wo seine Voxel liegen: {attribute} ist {value}</translation>
    </message>
    <message>
      <source>{path}: is a page and no slice{more:?, as {more} more|}: it has no ImagePositionPatient and no ImageOrientationPatient, which the other slices of its series have</source>
      <translation>{path}: ist eine Seite und keine Schicht{more:?, wie {more} weitere|}: Es fehlen ImagePositionPatient und ImageOrientationPatient, die die anderen Schichten der Serie haben</translation>
    </message>
    <message>
      <source>take it out</source>
      <translation>nehmen Sie sie heraus</translation>
    </message>
    <message>
      <source>{path}: has voxels of {bits} bits, which no image of intensities has</source>
      <translation>{path}: hat Voxel mit {bits} Bits, die kein Bild von Intensitäten hat</translation>
    </message>
    <message>
      <source>{path}: is truncated or damaged</source>
      <translation>{path}: ist abgeschnitten oder beschädigt</translation>
    </message>
    <message>
      <source>copy or export it again</source>
      <translation>kopieren oder exportieren Sie es noch einmal</translation>
    </message>
    <message>
      <source>{path}: {frame:?frame {frame} |}has {count:?{count} real-world value {count:~mapping|mappings}|no real-world value mapping} (RealWorldValueMappingSequence), and not one with a slope and an intercept</source>
      <translation>{path}: {frame:?Einzelbild {frame} |}hat {count:?{count} {count:~Abbildung|Abbildungen}|keine Abbildung} auf wirkliche Werte (RealWorldValueMappingSequence), und nicht eine mit Steigung und Achsenabschnitt</translation>
    </message>
    <message>
      <source>{path}: has several DICOM segmentations: {files:…}</source>
      <translation>{path}: hat mehrere DICOM-Segmentierungen: {files:…}</translation>
    </message>
    <message>
      <source>give one of these files</source>
      <translation>geben Sie eine dieser Dateien an</translation>
    </message>
    <message>
      <source>{path}: has contours (RT Structure Set), and no label of each voxel</source>
      <translation>{path}: hat Konturen (RT Structure Set), und kein Label für jedes Voxel</translation>
    </message>
    <message>
      <source>load it in Slicer with the extension SlicerRT, and save the segmentation as .seg.nrrd</source>
      <translation>laden Sie es in Slicer mit der Erweiterung SlicerRT, und speichern Sie die Segmentierung als .seg.nrrd</translation>
    </message>
    <message>
      <source>{path}: has a share of each voxel for each segment (SegmentationType FRACTIONAL), and no labels</source>
      <translation>{path}: hat für jedes Segment einen Anteil jedes Voxels (SegmentationType FRACTIONAL), und keine Labels</translation>
    </message>
    <message>
      <source>export it as a binary segmentation</source>
      <translation>exportieren Sie es als binäre Segmentierung</translation>
    </message>
    <message>
      <source>{path}: is a DICOM segmentation that does not say which segment its frames are of</source>
      <translation>{path}: ist eine DICOM-Segmentierung, die nicht sagt, zu welchem Segment ihre Einzelbilder gehören</translation>
    </message>
    <message>
      <source>{path}: has segments that overlap: `{one}` and `{other}`</source>
      <translation>{path}: hat Segmente, die sich überlappen: `{one}` und `{other}`</translation>
    </message>
    <message>
      <source>give these voxels to one of them (in Slicer: Segment Editor, Logical operators) and export it again</source>
      <translation>geben Sie diese Voxel einem von beiden (in Slicer: Segment Editor, Logical operators), und exportieren Sie es noch einmal</translation>
    </message>
    <message>
      <source>{path}: its frames lie on no even grid: frame {frame} lies beside the others</source>
      <translation>{path}: Seine Einzelbilder liegen auf keinem gleichmäßigen Gitter: Einzelbild {frame} liegt neben den anderen</translation>
    </message>
    <message>
      <source>export it on the slices of the image</source>
      <translation>exportieren Sie es auf den Schichten des Bildes</translation>
    </message>
    <message>
      <source>sagittal</source>
      <translation>sagittal</translation>
    </message>
    <message>
      <source>coronal</source>
      <translation>koronal</translation>
    </message>
    <message>
      <source>axial</source>
      <translation>axial</translation>
    </message>
    <message>
      <source>oblique</source>
      <translation>schräg</translation>
    </message>
    <message>
      <source>{path}: has no DICOM series {series}{there:?, but {listed:;…}|}</source>
      <translation>{path}: hat keine DICOM-Serie {series}{there:?, sondern {listed:;…}|}</translation>
    </message>
    <message>
      <source>give the SeriesInstanceUID of a series that is there</source>
      <translation>geben Sie die SeriesInstanceUID einer vorhandenen Serie an</translation>
    </message>
    <message>
      <source>{path}: {count} DICOM series in one folder: {listed:;…}</source>
      <translation>{path}: {count} DICOM-Serien in einem Ordner: {listed:;…}</translation>
    </message>
    <message>
      <source>put each series in its own folder, or choose one by its UID: {in_data_set:?list the cases in a table (.csv) in the data set's folder, this image as |}`{place}#{uid}`</source>
      <translation>legen Sie jede Serie in einen eigenen Ordner, oder wählen Sie eine mit ihrer UID: {in_data_set:?führen Sie die Fälle in einer Tabelle (.csv) im Ordner des Datensatzes auf, dieses Bild als |}`{place}#{uid}`</translation>
    </message>
    <message>
      <source>{path}: is a DICOM slice that is truncated or damaged{more:?, as {more} more in its folder|}</source>
      <translation>{path}: ist eine DICOM-Schicht, die abgeschnitten oder beschädigt ist{more:?, wie {more} weitere in ihrem Ordner|}</translation>
    </message>
    <message>
      <source>{uid} ({number:?series {number}, |}{modality:?{modality}, |}{slices} {slices:~slice|slices} of {columns}×{rows}{spacing:?, {spacing} mm|}{plane:?, {plane}|}{echo:?, echo time {echo} ms|}{repetition:?, repetition time {repetition} ms|})</source>
      <translation>{uid} ({number:?Serie {number}, |}{modality:?{modality}, |}{slices} {slices:~Schicht|Schichten} von {columns}×{rows}{spacing:?, {spacing} mm|}{plane:?, {plane}|}{echo:?, Echozeit {echo} ms|}{repetition:?, Repetitionszeit {repetition} ms|})</translation>
    </message>
    <message>
      <source>without a UID</source>
      <translation>ohne UID</translation>
    </message>
    <message>
      <source>{path}: is DICOM, but no image ({kinds})</source>
      <translation>{path}: ist DICOM, aber kein Bild ({kinds})</translation>
    </message>
    <message>
      <source>give the series of the scan itself</source>
      <translation>geben Sie die Serie der Aufnahme selbst an</translation>
    </message>
    <message>
      <source>{path}: no DICOM files in this folder{deeper:?, but {count} {count:~folder|folders} beneath it {count:~holds|hold} images: {deeper:…`}|}</source>
      <translation>{path}: keine DICOM-Dateien in diesem Ordner{deeper:?, aber {count} {count:~Ordner|Ordner} darunter {count:~enthält|enthalten} Bilder: {deeper:…`}|}</translation>
    </message>
    <message>
      <source>give {deeper:?{count:~that folder|those folders}|a file, or the series' folder}</source>
      <translation>geben Sie {deeper:?{count:~diesen Ordner|diese Ordner}|eine Datei oder den Ordner der Serie} an</translation>
    </message>
    <message>
      <source>{path}: is not a DICOM file, whatever its name says</source>
      <translation>{path}: ist keine DICOM-Datei, was immer ihr Name sagt</translation>
    </message>
    <message>
      <source>{path}: is one slice</source>
      <translation>{path}: ist eine einzige Schicht</translation>
    </message>
    <message>
      <source>give the folder with all slices of its series</source>
      <translation>geben Sie den Ordner mit allen Schichten der Serie an</translation>
    </message>
    <message>
      <source>{path}: has {count} stacks ({stacks})</source>
      <translation>{path}: hat {count} Stapel ({stacks})</translation>
    </message>
    <message>
      <source>choose one, as in {example}</source>
      <translation>wählen Sie einen, wie in {example}</translation>
    </message>
    <message>
      <source>{path}: is the same slice as {other}</source>
      <translation>{path}: ist dieselbe Schicht wie {other}</translation>
    </message>
    <message>
      <source>remove one of the two</source>
      <translation>entfernen Sie eine der beiden</translation>
    </message>
    <message>
      <source>{path}: has no frames of {attribute} {value}{there:?, but of {values}|}</source>
      <translation>{path}: hat keine Einzelbilder mit {attribute} {value}{there:?, sondern mit {values}|}</translation>
    </message>
    <message>
      <source>choose one that is there</source>
      <translation>wählen Sie etwas, das da ist</translation>
    </message>
    <message>
      <source>{path}: frames cannot be chosen by {attribute}</source>
      <translation>{path}: Einzelbilder lassen sich nicht nach {attribute} auswählen</translation>
    </message>
    <message>
      <source>use one of {known}</source>
      <translation>nehmen Sie eines von {known}</translation>
    </message>
    <message>
      <source>has {own} voxels where the others have {usual}</source>
      <translation>hat {own} Voxel, wo die anderen {usual} haben</translation>
    </message>
    <message>
      <source>is turned by {degrees:.3g}° against the others, as a localizer is</source>
      <translation>ist um {degrees:.3g}° gegen die anderen gedreht, wie ein Localizer</translation>
    </message>
    <message>
      <source>has a spacing of {own} mm where the others have {usual} mm</source>
      <translation>hat einen Abstand von {own} mm, wo die anderen {usual} mm haben</translation>
    </message>
    <message>
      <source>is a localizer (a scout picture)</source>
      <translation>ist ein Localizer (ein Übersichtsbild)</translation>
    </message>
    <message>
      <source>{path}: {frame:?frame {frame} |}{what}{more:?, as {more} more|}</source>
      <translation>{path}: {frame:?Einzelbild {frame} |}{what}{more:?, wie {more} weitere|}</translation>
    </message>
    <message>
      <source>take it out, or export the series without it</source>
      <translation>nehmen Sie es heraus, oder exportieren Sie die Serie ohne es</translation>
    </message>
    <message>
      <source>{path}: {count} frames share one position and differ in {within}; no single one of these tells them apart{whole:?, but {whole} {whole:~is|are each} one volume|}</source>
      <translation>{path}: {count} Einzelbilder haben eine gemeinsame Position und unterscheiden sich in {within}; keines davon allein unterscheidet sie{whole:?, aber {whole} {whole:~ist ein Volumen|sind je ein Volumen}|}</translation>
    </message>
    <message>
      <source>{whole:?choose {whole:~that|one of these}, as in {example}, or |}export each volume as a series of its own</source>
      <translation>{whole:?wählen Sie {whole:~dieses|eines davon}, wie in {example}, oder |}exportieren Sie jedes Volumen als eigene Serie</translation>
    </message>
    <message>
      <source>{path}: {count} frames share one position; they differ in {attribute} ({values})</source>
      <translation>{path}: {count} Einzelbilder haben eine gemeinsame Position; sie unterscheiden sich in {attribute} ({values})</translation>
    </message>
    <message>
      <source>{path}: frames {one} and {two} lie at one position{differ:? and differ in {differ}|, and nothing tells them apart}</source>
      <translation>{path}: Die Einzelbilder {one} und {two} liegen an einer Position{differ:? und unterscheiden sich in {differ}|, und nichts unterscheidet sie}</translation>
    </message>
    <message>
      <source>export each volume as a series of its own</source>
      <translation>exportieren Sie jedes Volumen als eigene Serie</translation>
    </message>
    <message>
      <source>{path}: {frame:?frame {frame} |}lies at the position of {other}{differ:? and differs from it in {differ}|}</source>
      <translation>{path}: {frame:?Einzelbild {frame} |}liegt an der Position von {other}{differ:? und unterscheidet sich davon in {differ}|}</translation>
    </message>
    <message>
      <source>remove one of the two, or export the series again</source>
      <translation>entfernen Sie eines der beiden, oder exportieren Sie die Serie noch einmal</translation>
    </message>
    <message>
      <source>{path}: is one slice, and SliceThickness is missing</source>
      <translation>{path}: ist eine einzige Schicht, und SliceThickness fehlt</translation>
    </message>
    <message>
      <source>give the folder with all slices of the series</source>
      <translation>geben Sie den Ordner mit allen Schichten der Serie an</translation>
    </message>
    <message>
      <source>{path}: its DICOM slices are not evenly spaced (off by {off_mm:.3g} mm), one may be missing: {before} and {after} are {widest_mm:.3g} mm apart, others {usual_mm:.3g} mm</source>
      <translation>{path}: Seine DICOM-Schichten haben keine gleichmäßigen Abstände (Abweichung {off_mm:.3g} mm), vielleicht fehlt eine: {before} und {after} liegen {widest_mm:.3g} mm auseinander, andere {usual_mm:.3g} mm</translation>
    </message>
    <message>
      <source>export the whole series again, or resample it; if the gaps are meant, choose `{example}`, and they are read as slices at one distance</source>
      <translation>exportieren Sie die ganze Serie noch einmal, oder rechnen Sie sie um; sind die Lücken gewollt, so wählen Sie `{example}`, und sie werden als Schichten in einem Abstand gelesen</translation>
    </message>
    <message>
      <source>{path}: its DICOM slices do not lie in one straight line: from {before} to {after} they are shifted sideways, by {beside_mm:.3g} mm ({share:.2g} of a pixel)</source>
      <translation>{path}: Seine DICOM-Schichten liegen nicht auf einer Geraden: Von {before} bis {after} sind sie seitlich verschoben, um {beside_mm:.3g} mm ({share:.2g} eines Pixels)</translation>
    </message>
    <message>
      <source>export the whole series again, or resample it</source>
      <translation>exportieren Sie die ganze Serie noch einmal, oder rechnen Sie sie um</translation>
    </message>
    <message>
      <source>{path}: {frame:?frame {frame} |}lacks {attribute}, which is {value:g} in {other}{more:?; {more} more {more:~lacks|lack} it, too|}</source>
      <translation>{path}: {frame:?Einzelbild {frame} |}fehlt {attribute}, das in {other} {value:g} ist{more:?; {more} {more:~weiterem|weiteren} fehlt es auch|}</translation>
    </message>
    <message>
      <source>export the series again from its source</source>
      <translation>exportieren Sie die Serie noch einmal aus ihrer Quelle</translation>
    </message>
    <message>
      <source>unknown units</source>
      <translation>unbekannten Einheiten</translation>
    </message>
    <message>
      <source>has intensities in {own} where the others have {usual}</source>
      <translation>hat Intensitäten in {own}, wo die anderen {usual} haben</translation>
    </message>
    <message>
      <source>frame {number}</source>
      <translation>Einzelbild {number}</translation>
    </message>
    <message>
      <source>voxels of {spacing} mm make an image of {extent} m, larger than anything that is scanned</source>
      <translation>Voxel von {spacing} mm ergeben ein Bild von {extent} m, größer als alles, was aufgenommen wird</translation>
    </message>
    <message>
      <source>correct the voxel size in its header: µm may have been written as mm</source>
      <translation>berichtigen Sie die Voxelgröße im Header: Vielleicht wurden µm als mm geschrieben</translation>
    </message>
    <message>
      <source>voxels of {spacing} mm make an image of less than one voxel of the model's {wanted} mm</source>
      <translation>Voxel von {spacing} mm ergeben ein Bild von weniger als einem Voxel des Modells mit {wanted} mm</translation>
    </message>
    <message>
      <source>correct the voxel size in its header: cm or m may have been written as mm</source>
      <translation>berichtigen Sie die Voxelgröße im Header: Vielleicht wurden cm oder m als mm geschrieben</translation>
    </message>
    <message>
      <source>resampled from {spacing} mm to the model's {wanted} mm, the image has {size} voxels and needs {needed:.0f} GiB of memory{known:?, and {free:.0f} GiB are free|}</source>
      <translation>umgerechnet von {spacing} mm auf die {wanted} mm des Modells hat das Bild {size} Voxel und braucht {needed:.0f} GiB Speicher{known:?, und {free:.0f} GiB sind frei|}</translation>
    </message>
    <message>
      <source>correct the voxel size in its header if it is wrong, or crop the image</source>
      <translation>berichtigen Sie die Voxelgröße im Header, wenn sie falsch ist, oder schneiden Sie das Bild zu</translation>
    </message>
    <message>
      <source>{is_label:?segmentation|image} {path}</source>
      <translation>{is_label:?Segmentierung|Bild} {path}</translation>
    </message>
    <message>
      <source>{path}: it has {size} of the {whole} voxels of its image, and the others count as background</source>
      <translation>{path}: hat {size} der {whole} Voxel seines Bildes, und die übrigen gelten als Hintergrund</translation>
    </message>
    <message>
      <source>see that none of its slices was lost</source>
      <translation>sehen Sie nach, ob keine Schicht verloren ging</translation>
    </message>
    <message>
      <source>{count} cases ({cases:…`}): {problem}.</source>
      <translation>{count} Fälle ({cases:…`}): {problem}.</translation>
    </message>
    <message>
      <source>{count} cases ({cases:…`}), such as `{first}`: {problem}.</source>
      <translation>{count} Fälle ({cases:…`}), etwa `{first}`: {problem}.</translation>
    </message>
    <message>
      <source>lacks {number} labels ({labels:…`}) that most of the {cases} annotated cases have</source>
      <translation>ihm fehlen {number} Labels ({labels:…`}), die die meisten der {cases} annotierten Fälle haben</translation>
    </message>
    <message>
      <source>annotate them, unless they are really not there</source>
      <translation>annotieren Sie sie, wenn sie nicht wirklich fehlen</translation>
    </message>
    <message>
      <source>{number} labels ({labels:…`}) occur in one or none of {cases} annotated {cases:~case|cases}</source>
      <translation>{number} Labels ({labels:…`}) kommen in einem oder keinem von {cases} annotierten {cases:~Fall|Fällen} vor</translation>
    </message>
    <message>
      <source>annotate them in two cases or more: they cannot be scored on a case that was not trained on</source>
      <translation>annotieren Sie sie in zwei Fällen oder mehr: An einem Fall, mit dem nicht trainiert wurde, können sie sonst nicht bewertet werden</translation>
    </message>
    <message>
      <source>{path}: was not written, as it would name the values of other files too{others:?, such as {first}|}; give segmentations a folder of their own, and their names are kept there.</source>
      <translation>{path}: wurde nicht geschrieben, weil es auch die Werte anderer Dateien benennen würde{others:?, etwa {first}|}; geben Sie Segmentierungen einen eigenen Ordner, dann bleiben ihre Namen dort.</translation>
    </message>
    <message>
      <source>{path}: lists other labels than those of the segmentations beside it, and was left as it is; in these, values are {labels:…}; move the list or the segmentations to another folder.</source>
      <translation>{path}: nennt andere Labels als die der Segmentierungen daneben und blieb, wie es ist; in diesen bedeuten die Werte {labels:…}; verschieben Sie die Liste oder die Segmentierungen in einen anderen Ordner.</translation>
    </message>
    <message>
      <source>{path}: has segments that overlap: `{one}` and `{other}`, in {voxels} {voxels:~voxel|voxels}</source>
      <translation>{path}: hat Segmente, die sich überlappen: `{one}` und `{other}`, in {voxels} {voxels:~Voxel|Voxeln}</translation>
    </message>
    <message>
      <source>give these voxels to one of them (Segment Editor, Logical operators) and save it again</source>
      <translation>geben Sie diese Voxel einem von beiden (Segment Editor, Logical operators), und speichern Sie es noch einmal</translation>
    </message>
    <message>
      <source>{option}: the {count:,} training {count:~image has|images have} one value everywhere, so there is no histogram to match; look at the images.</source>
      <translation>{option}: {count:~Das Trainingsbild hat|Die {count:,} Trainingsbilder haben} überall denselben Wert, also gibt es kein Histogramm zum Angleichen; sehen Sie sich die Bilder an.</translation>
    </message>
    <message>
      <source>{path}: has several numbers a voxel (colour, vector or complex)</source>
      <translation>{path}: hat mehrere Zahlen je Voxel (Farbe, Vektor oder komplex)</translation>
    </message>
    <message>
      <source>export one channel</source>
      <translation>exportieren Sie einen Kanal</translation>
    </message>
    <message>
      <source>{path}: has voxels of a type that is not read (NIfTI's number {number})</source>
      <translation>{path}: hat Voxel eines Typs, der nicht gelesen wird (Nummer {number} in NIfTI)</translation>
    </message>
    <message>
      <source>export it as 16-bit integers or as 32-bit floating point</source>
      <translation>exportieren Sie es als ganze Zahlen mit 16 Bit oder als Gleitkommazahlen mit 32 Bit</translation>
    </message>
    <message>
      <source>{path}: is truncated, {missing} bytes are missing</source>
      <translation>{path}: ist abgeschnitten, {missing} Bytes fehlen</translation>
    </message>
    <message>
      <source>{path}: is truncated or damaged ({reason})</source>
      <translation>{path}: ist abgeschnitten oder beschädigt ({reason})</translation>
    </message>
    <message>
      <source>{path}: takes {gib:.0f} GiB of memory, more than this computer has free</source>
      <translation>{path}: braucht {gib:.0f} GiB Speicher, mehr als auf diesem Computer frei ist</translation>
    </message>
    <message>
      <source>crop or resample it</source>
      <translation>schneiden Sie es zu, oder rechnen Sie es um</translation>
    </message>
    <message>
      <source>{path}: says that its voxels begin within its header (vox_offset {offset:g}), or lie in another file</source>
      <translation>{path}: sagt, dass seine Voxel innerhalb seiner Kopfdaten beginnen (vox_offset {offset:g}), oder in einer anderen Datei liegen</translation>
    </message>
    <message>
      <source>export it again as one file</source>
      <translation>exportieren Sie es noch einmal als eine Datei</translation>
    </message>
    <message>
      <source>{path}: multiplies its voxels with {slope:g} and adds {intercept} (scl_slope, scl_inter of its header)</source>
      <translation>{path}: multipliziert seine Voxel mit {slope:g} und addiert {intercept} (scl_slope, scl_inter seiner Kopfdaten)</translation>
    </message>
    <message>
      <source>export it again</source>
      <translation>exportieren Sie es noch einmal</translation>
    </message>
    <message>
      <source>{path}: is not a NIfTI file, or its header is damaged</source>
      <translation>{path}: ist keine NIfTI-Datei, oder ihre Kopfdaten sind beschädigt</translation>
    </message>
    <message>
      <source>{path}: its header gives lengths in {unit}, so a voxel is taken to be {spacing} mm large</source>
      <translation>{path}: Der Header gibt Längen in {unit} an, also gilt ein Voxel als {spacing} mm groß</translation>
    </message>
    <message>
      <source>if that is wrong, correct the units in its header (xyzt_units) to mm</source>
      <translation>ist das falsch, berichtigen Sie die Einheiten im Header (xyzt_units) zu mm</translation>
    </message>
    <message>
      <source>{path}: its header does not say where the image lies, nor which of its sides is left (the codes of sform and qform are 0); its first voxel is taken to be the right, posterior, inferior one</source>
      <translation>{path}: Der Header sagt nicht, wo das Bild liegt und welche seiner Seiten links ist (die Codes von sform und qform sind 0); der erste Voxel gilt als der rechte, hintere, untere</translation>
    </message>
    <message>
      <source>check its sides against the original, or convert it again</source>
      <translation>prüfen Sie die Seiten am Original, oder konvertieren Sie es noch einmal</translation>
    </message>
    <message>
      <source>{path}: its header places it twice, by sform and qform, up to {apart_mm:.3g} mm apart; the sform is taken, as nibabel and FSL do{slicer:?, while 3D Slicer takes the qform|}</source>
      <translation>{path}: Der Header legt es auf zwei Arten fest, mit sform und qform, bis zu {apart_mm:.3g} mm auseinander; die sform gilt, wie bei nibabel und FSL{slicer:?, während 3D Slicer die qform nimmt|}</translation>
    </message>
    <message>
      <source>look at it in a viewer beside its original, and write the right one of the two into both</source>
      <translation>sehen Sie es neben seinem Original an, und schreiben Sie die richtige der beiden in beide</translation>
    </message>
    <message>
      <source>{path}: its header places it twice, and its {unusable} is not valid; its {taken} is taken</source>
      <translation>{path}: Der Header legt es auf zwei Arten fest, und {unusable} ist nicht gültig; {taken} gilt</translation>
    </message>
    <message>
      <source>look at it in a viewer, and export it again where it lies wrong</source>
      <translation>sehen Sie es an, und exportieren Sie es noch einmal, wenn es falsch liegt</translation>
    </message>
    <message>
      <source>{path}: its header says twice how large a voxel is: {taken} mm by the sform, which is taken, and {other} mm by pixdim, up to {apart_mm:.3g} mm at the far corner</source>
      <translation>{path}: Der Header sagt zweimal, wie groß ein Voxel ist: {taken} mm nach der sform, die gilt, und {other} mm nach pixdim, bis zu {apart_mm:.3g} mm an der fernsten Ecke</translation>
    </message>
    <message>
      <source>compare it with its original, and write the right size into both</source>
      <translation>vergleichen Sie es mit seinem Original, und schreiben Sie die richtige Größe in beide</translation>
    </message>
    <message>
      <source>phantom: a grid of {size} voxels is too coarse for a head; give three sizes of 8 or more.</source>
      <translation>phantom: Ein Gitter von {size} Voxeln ist zu grob für einen Kopf; geben Sie drei Größen von 8 oder mehr an.</translation>
    </message>
    <message>
      <source>phantom: count {count} and seed {seed}; give a count of 1 or more and a seed of 0 or more.</source>
      <translation>phantom: Anzahl {count} und Seed {seed}; geben Sie eine Anzahl von 1 oder mehr und einen Seed von 0 oder mehr an.</translation>
    </message>
    <message>
      <source>{folder}: already holds something; choose a new or an empty folder.</source>
      <translation>{folder}: enthält schon etwas; wählen Sie einen neuen oder einen leeren Ordner.</translation>
    </message>
    <message>
      <source>{folder}: cannot be written ({reason}); choose another folder.</source>
      <translation>{folder}: kann nicht geschrieben werden ({reason}); wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <source>{folder}: {full:?the disk is full; free space|cannot be written ({reason}); make it writable} and run it again.</source>
      <translation>{folder}: {full:?Die Festplatte ist voll; schaffen Sie Platz,|kann nicht geschrieben werden ({reason}); machen Sie den Ordner beschreibbar,} und starten Sie es noch einmal.</translation>
    </message>
    <message>
      <source>phantom: unknown modality `{modality}`; choose one of {known}.</source>
      <translation>phantom: unbekannte Modalität `{modality}`; wählen Sie eine von {known}.</translation>
    </message>
    <message>
      <source>{path}: is a JPEG file, which changes the values of labels</source>
      <translation>{path}: ist eine JPEG-Datei, die die Werte von Labels verändert</translation>
    </message>
    <message>
      <source>write the labels as PNG</source>
      <translation>schreiben Sie die Labels als PNG</translation>
    </message>
    <message>
      <source>{path}: has colours where each pixel should be the number of its label</source>
      <translation>{path}: hat Farben, wo jedes Pixel die Nummer seines Labels sein sollte</translation>
    </message>
    <message>
      <source>write it as a grey PNG with the numbers of the labels</source>
      <translation>schreiben Sie es als graues PNG mit den Nummern der Labels</translation>
    </message>
    <message>
      <source>{path}: is a grey PNG with transparency, which cannot be read</source>
      <translation>{path}: ist ein graues PNG mit Transparenz, das nicht gelesen werden kann</translation>
    </message>
    <message>
      <source>write it without transparency (alpha)</source>
      <translation>schreiben Sie es ohne Transparenz (Alpha)</translation>
    </message>
    <message>
      <source>{path}: has {width:,} × {height:,} pixels, more than {most:,} in all</source>
      <translation>{path}: hat {width:,} × {height:,} Pixel, insgesamt mehr als {most:,}</translation>
    </message>
    <message>
      <source>make it smaller</source>
      <translation>machen Sie es kleiner</translation>
    </message>
    <message>
      <source>{path}: is no picture, or is damaged</source>
      <translation>{path}: ist kein Bild, oder ist beschädigt</translation>
    </message>
    <message>
      <source>copy it again</source>
      <translation>kopieren Sie es noch einmal</translation>
    </message>
    <message>
      <source>case `{case}`: memory of this computer ran out while it was prepared; close other programs or crop the image.</source>
      <translation>Fall `{case}`: Der Arbeitsspeicher reichte nicht, als er vorbereitet wurde; schließen Sie andere Programme, oder schneiden Sie das Bild zu.</translation>
    </message>
    <message>
      <source>case `{case}`: image {file} has {count} {count:~voxel that is|voxels that are} NaN, infinite or too large for 32 bits; replace such values, by 0 if they lie outside the body.</source>
      <translation>Fall `{case}`: Das Bild {file} hat {count} {count:~Voxel, der|Voxel, die} NaN, unendlich oder zu groß für 32 Bit {count:~ist|sind}; ersetzen Sie solche Werte, durch 0, wenn sie außerhalb des Körpers liegen.</translation>
    </message>
    <message>
      <source>case `{case}`: {problem}.</source>
      <translation>Fall `{case}`: {problem}.</translation>
    </message>
    <message>
      <source>case `{case}`: {first} and {second} are on different grids ({differences:;}); resample the one to the other.</source>
      <translation>Fall `{case}`: {first} und {second} liegen auf verschiedenen Gittern ({differences:;}); tasten Sie das eine auf das andere um.</translation>
    </message>
    <message>
      <source>{path}: no such file or folder; check the path.</source>
      <translation>{path}: weder Datei noch Ordner; prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{path}: not a data set, but it holds {inside:~one; give {inside}|{count}; give one of them: {inside:…}}.</source>
      <translation>{path}: kein Datensatz, aber er enthält {inside:~einen; geben Sie {inside} an|{count}; geben Sie einen davon an: {inside:…}}.</translation>
    </message>
    <message>
      <source>{path}: has images and the folder `{folder}` beside them, which may be theirs; move it elsewhere, or put the images into a folder `images` and their labels into `labels`.</source>
      <translation>{path}: hat Bilder und daneben den Ordner `{folder}`, der zu ihnen gehören mag; verschieben Sie ihn, oder legen Sie die Bilder in einen Ordner `images` und ihre Labels in `labels`.</translation>
    </message>
    <message>
      <source>{path}: not a data set; give a folder with `dataset.json` (Decathlon, nnU-Net), with `images` and `labels`, or with images and their labels (`x` and `x_seg`), a BIDS folder (`sub-…/anat`), a MONAI datalist (.json), a table (.csv) with the columns case,image,label, or a folder of pictures (PNG, JPEG).</source>
      <translation>{path}: kein Datensatz; geben Sie einen Ordner mit `dataset.json` (Decathlon, nnU-Net), mit `images` und `labels`, oder mit Bildern und ihren Labels (`x` und `x_seg`) an, einen BIDS-Ordner (`sub-…/anat`), eine MONAI-Datenliste (.json), eine Tabelle (.csv) mit den Spalten case,image,label, oder einen Ordner mit Bilddateien (PNG, JPEG).</translation>
    </message>
    <message>
      <source>these are images alone, and the folder above them, {parent}, is a data set</source>
      <translation>das sind Bilder allein, und der Ordner darüber, {parent}, ist ein Datensatz</translation>
    </message>
    <message>
      <source>give {parent} to have its segmentations, too</source>
      <translation>geben Sie {parent} an, damit auch die Segmentierungen dabei sind</translation>
    </message>
    <message>
      <source>{path}: is not an image by its ending; use one of {endings}.</source>
      <translation>{path}: ist nach der Endung kein Bild; nehmen Sie eine von {endings}.</translation>
    </message>
    <message>
      <source>case `{case}`: {count} {count:~image|images} where the model takes {channels}; name them `case_0000`, `case_0001`… in the order of the model's channels.</source>
      <translation>Fall `{case}`: {count} {count:~Bild|Bilder}, wo das Modell {channels} nimmt; nennen Sie sie `case_0000`, `case_0001`… in der Reihenfolge der Kanäle des Modells.</translation>
    </message>
    <message>
      <source>{count} {count:~file or folder|files or folders} beside the images may be {count:~an image|images} and {count:~was|were} not read: {names:…`}; convert files to .nii.gz, and give folders of DICOM by themselves.</source>
      <translation>{count} {count:~Datei oder Ordner|Dateien oder Ordner} neben den Bildern {count:~mag ein Bild sein und wurde|mögen Bilder sein und wurden} nicht gelesen: {names:…`}; konvertieren Sie Dateien in .nii.gz, und geben Sie DICOM-Ordner für sich an.</translation>
    </message>
    <message>
      <source>{path}: no images in this folder; give the {count:~folder|folders} they lie in ({deeper:?{deeper:…}|imagesTr, images…}).</source>
      <translation>{path}: keine Bilder in diesem Ordner; geben Sie {count:~den Ordner an, in dem|die Ordner an, in denen} sie liegen ({deeper:?{deeper:…}|imagesTr, images…}).</translation>
    </message>
    <message>
      <source>{path}: no image has the entities of this segmentation; {advice}.</source>
      <translation>{path}: Kein Bild hat die Angaben im Namen dieser Segmentierung; {advice}.</translation>
    </message>
    <message>
      <source>{path}: no kind of image (T1w, FLAIR, …) is there for every case; {advice}.</source>
      <translation>{path}: Keine Art von Bild (T1w, FLAIR, …) gibt es für jeden Fall; {advice}.</translation>
    </message>
    <message>
      <source>{count} {count:~session|sessions} without a segmentation {count:~has|have} not exactly one image for each of {channels:`}, so {count:~it is|they are} left out: {names:…`}</source>
      <translation>{count} {count:~Sitzung|Sitzungen} ohne Segmentierung {count:~hat|haben} nicht genau ein Bild für jeden von {channels:`} und {count:~wird|werden} weggelassen: {names:…`}</translation>
    </message>
    <message>
      <source>a table (.csv) with the columns case,image,label can name the images to take</source>
      <translation>eine Tabelle (.csv) mit den Spalten case,image,label kann sagen, welche Bilder zu nehmen sind</translation>
    </message>
    <message>
      <source>{path}: must have the columns `index` (a whole number) and `name`, with tabs between them; correct it.</source>
      <translation>{path}: muss die Spalten `index` (eine ganze Zahl) und `name` haben, mit Tabulatoren dazwischen; berichtigen Sie die Tabelle.</translation>
    </message>
    <message>
      <source>{path}: {count} files may be meant here: {files:…`}; {advice}.</source>
      <translation>{path}: {count} Dateien können hier gemeint sein: {files:…`}; {advice}.</translation>
    </message>
    <message>
      <source>write a table (.csv) beside the folder, with the columns case,image,label (image2… for more channels) and a row for each case, and give that</source>
      <translation>schreiben Sie eine Tabelle (.csv) neben den Ordner, mit den Spalten case,image,label (image2… für weitere Kanäle) und einer Zeile für jeden Fall, und geben Sie diese an</translation>
    </message>
    <message>
      <source>{path}: no list `training` of cases; is this a MONAI datalist?</source>
      <translation>{path}: keine Liste `training` von Fällen; ist das eine MONAI-Datenliste?</translation>
    </message>
    <message>
      <source>{path}: no list `training` of cases; is this a Decathlon or nnU-Net data set?</source>
      <translation>{path}: keine Liste `training` von Fällen; ist das ein Datensatz von Decathlon oder nnU-Net?</translation>
    </message>
    <message>
      <source>{path}: case `{case}` keeps {count} channels ({channels}) in one 4D file; split them into a file a channel in nnU-Net's layout (nnUNetv2_convert_MSD_dataset does it).</source>
      <translation>{path}: Der Fall `{case}` hat {count} Kanäle ({channels}) in einer 4D-Datei; teilen Sie sie in eine Datei je Kanal, wie nnU-Net sie ablegt (nnUNetv2_convert_MSD_dataset tut es).</translation>
    </message>
    <message>
      <source>{count} {count:~file has|files have} another ending than the list says, and {count:~is|are} used: {files:…`}</source>
      <translation>{count} {count:~Datei hat|Dateien haben} eine andere Endung, als die Liste sagt, und {count:~wird|werden} benutzt: {files:…`}</translation>
    </message>
    <message>
      <source>correct the list if {count:~this is another file|these are other files}</source>
      <translation>berichtigen Sie die Liste, wenn {count:~das eine andere Datei ist|das andere Dateien sind}</translation>
    </message>
    <message>
      <source>{where}: expected a list of cases; correct the file.</source>
      <translation>{where}: Eine Liste von Fällen wurde erwartet; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{where}[{number}]: the entry has no `image`; give it a path, or a list of paths.</source>
      <translation>{where}[{number}]: Der Eintrag hat kein `image`; geben Sie ihm einen Pfad oder eine Liste von Pfaden.</translation>
    </message>
    <message>
      <source>{where}[{number}]: `label` is not a path; give it one label file.</source>
      <translation>{where}[{number}]: `label` ist kein Pfad; geben Sie eine Labeldatei an.</translation>
    </message>
    <message>
      <source>{where}[{number}]: `not_annotated` is not a list of labels; write it like {example}.</source>
      <translation>{where}[{number}]: `not_annotated` ist keine Liste von Labels; schreiben Sie es wie {example}.</translation>
    </message>
    <message>
      <source>the list `{name}` of {count} {count:~case|cases} is not read</source>
      <translation>die Liste `{name}` mit {count} {count:~Fall|Fällen} wird nicht gelesen</translation>
    </message>
    <message>
      <source>call it by one of {known}</source>
      <translation>nennen Sie sie eine von {known}</translation>
    </message>
    <message>
      <source>{count} {count:~entry names a file|entries name files} under `{key}`, which {count:~is|are} not read</source>
      <translation>{count} {count:~Eintrag nennt eine Datei|Einträge nennen Dateien} unter `{key}`, und {count:~sie wird|sie werden} nicht gelesen</translation>
    </message>
    <message>
      <source>if {count:~it is the segmentation|they are the segmentations}, call it `label`</source>
      <translation>{count:~ist es die Segmentierung|sind es die Segmentierungen}, nennen Sie den Schlüssel `label`</translation>
    </message>
    <message>
      <source>{path}: holds {slices} loose {slices:~slice|slices} of {series} DICOM series, and each case needs a folder of its own; put the slices of each series into a folder in there, named like the case ({example}), and name its labels so, too.</source>
      <translation>{path}: enthält {slices} lose {slices:~Schicht|Schichten} von {series} DICOM-Serien, und jeder Fall braucht einen eigenen Ordner; legen Sie die Schichten jeder Serie dort in einen Ordner mit dem Namen des Falls ({example}), und nennen Sie auch seine Labels so.</translation>
    </message>
    <message>
      <source>{path}: files ending in `{ending}` cannot be read; convert them to .nii.gz.</source>
      <translation>{path}: Dateien mit der Endung `{ending}` können nicht gelesen werden; konvertieren Sie sie in .nii.gz.</translation>
    </message>
    <message>
      <source>{path}: the name lacks its channel; rename it to `case_0000{ending}`.</source>
      <translation>{path}: Im Namen fehlt der Kanal; nennen Sie die Datei `case_0000{ending}`.</translation>
    </message>
    <message>
      <source>{count} {count:~file does|files do} not end in `{ending}`, as `file_ending` says, and {count:~is|are} used all the same: {files:…`}</source>
      <translation>{count} {count:~Datei endet|Dateien enden} nicht auf `{ending}`, wie `file_ending` sagt, und {count:~wird|werden} trotzdem benutzt: {files:…`}</translation>
    </message>
    <message>
      <source>correct `file_ending`, or move away what is not wanted</source>
      <translation>berichtigen Sie `file_ending`, oder verschieben Sie, was nicht dazugehört</translation>
    </message>
    <message>
      <source>{where}: expected an object with an entry a case; correct the file.</source>
      <translation>{where}: Ein Objekt mit einem Eintrag je Fall wurde erwartet; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{where}: case `{case}` needs a list `images` and a path `label`; correct the entry.</source>
      <translation>{where}: Der Fall `{case}` braucht eine Liste `images` und einen Pfad `label`; berichtigen Sie den Eintrag.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` has the labels {other} already; rename or remove one of the two.</source>
      <translation>{path}: Der Fall `{case}` hat schon die Labels {other}; benennen Sie eine der beiden Dateien um, oder entfernen Sie sie.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` has channel {channel} already, {other}; rename or remove one of the two.</source>
      <translation>{path}: Der Fall `{case}` hat den Kanal {channel} schon, {other}; benennen Sie eine der beiden Dateien um, oder entfernen Sie sie.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` has no `{case}_{channel:04}` before this image; add the missing channel, or, if the numbers are not of channels, rename the images or list them in a table (.csv).</source>
      <translation>{path}: Der Fall `{case}` hat vor diesem Bild kein `{case}_{channel:04}`; ergänzen Sie den fehlenden Kanal, oder, wenn die Zahlen keine Kanäle sind, benennen Sie die Bilder um oder führen Sie sie in einer Tabelle (.csv) auf.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` has the image {other} already; rename or remove one of the two.</source>
      <translation>{path}: Der Fall `{case}` hat schon das Bild {other}; benennen Sie eine der beiden Dateien um, oder entfernen Sie sie.</translation>
    </message>
    <message>
      <source>{path}: lies beside label files, and was not read ({reason})</source>
      <translation>{path}: liegt neben Dateien mit Labels und wurde nicht gelesen ({reason})</translation>
    </message>
    <message>
      <source>{path}: names the values of the label files beside it otherwise than the data set does, whose names are used ({labels:…})</source>
      <translation>{path}: benennt die Werte der Dateien mit Labels daneben anders als der Datensatz, dessen Namen gelten ({labels:…})</translation>
    </message>
    <message>
      <source>make the lists agree, or move it away</source>
      <translation>gleichen Sie die Listen an, oder verschieben Sie sie</translation>
    </message>
    <message>
      <source>{where}: region `{label}` is no list of whole numbers; correct the file.</source>
      <translation>{where}: Die Region `{label}` ist keine Liste ganzer Zahlen; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{where}: `labels` must be an object of names and values; correct the file.</source>
      <translation>{where}: `labels` muss ein Objekt aus Namen und Werten sein; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{where}: label `{label}` lacks a name or a whole number for its value; correct the file.</source>
      <translation>{where}: Dem Label `{label}` fehlt ein Name oder eine ganze Zahl als Wert; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{where}: the name of label {value} has control characters; write it as it is to be read.</source>
      <translation>{where}: Der Name des Labels {value} hat Steuerzeichen; schreiben Sie ihn, wie er zu lesen ist.</translation>
    </message>
    <message>
      <source>{where}: value {value} is given to two labels; correct the file.</source>
      <translation>{where}: Der Wert {value} gehört zu zwei Labels; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{where}: two labels have the same name; rename one.</source>
      <translation>{where}: Zwei Labels haben denselben Namen; benennen Sie eines um.</translation>
    </message>
    <message>
      <source>{path}: no cases found; check that this is the data set's folder or list.</source>
      <translation>{path}: keine Fälle gefunden; prüfen Sie, ob das der Ordner oder die Liste des Datensatzes ist.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` is listed twice; give each case a name of its own.</source>
      <translation>{path}: Der Fall `{case}` steht zweimal da; geben Sie jedem Fall einen eigenen Namen.</translation>
    </message>
    <message>
      <source>{path}: the data set has no label `{label}`, of which a case says that it is not annotated; it has {labels:…`}; correct the name, or add the label to the list of labels.</source>
      <translation>{path}: Der Datensatz hat kein Label `{label}`, von dem ein Fall sagt, es sei nicht annotiert; er hat {labels:…`}; berichtigen Sie den Namen, oder fügen Sie das Label der Liste hinzu.</translation>
    </message>
    <message>
      <source>{where}: `{text}` does not say which slices are annotated; write `axial` (or coronal, sagittal) for those that have a label, or `axial: 10, 20, 30-35`.</source>
      <translation>{where}: `{text}` sagt nicht, welche Schichten annotiert sind; schreiben Sie `axial` (oder coronal, sagittal) für die, die ein Label haben, oder `axial: 10, 20, 30-35`.</translation>
    </message>
    <message>
      <source>{where}: `{field}` must list a name for each channel; correct the file.</source>
      <translation>{where}: `{field}` muss einen Namen je Kanal nennen; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{path}: has a folder for each of {count} classes, and a model here tells {most} at most apart; put fewer into a folder of their own.</source>
      <translation>{path}: hat einen Ordner für jede von {count} Klassen, und ein Modell unterscheidet hier höchstens {most}; legen Sie weniger in einen eigenen Ordner.</translation>
    </message>
    <message>
      <source>{path}: {count} {count:~file of labels has|files of labels have} no picture of the same name in `images`: {names:…}.</source>
      <translation>{path}: {count} {count:~Labeldatei hat|Labeldateien haben} kein Bild desselben Namens in `images`: {names:…}.</translation>
    </message>
    <message>
      <source>{count} {count:~image or label file|images or label files} in its folders {count:~belongs|belong} to no case: {files:…`}</source>
      <translation>{count} {count:~Bild- oder Labeldatei|Bild- oder Labeldateien} in den Ordnern {count:~gehört|gehören} zu keinem Fall: {files:…`}</translation>
    </message>
    <message>
      <source>check {count:~its name|their names}, and whether {count:~it is|they are} listed</source>
      <translation>prüfen Sie {count:~ihren Namen, und ob sie|ihre Namen, und ob sie} aufgeführt {count:~ist|sind}</translation>
    </message>
    <message>
      <source>the names of cases {names:`} differ in capitals or the spelling of accents alone</source>
      <translation>die Namen der Fälle {names:`} unterscheiden sich nur in Großbuchstaben oder in der Schreibweise von Akzenten</translation>
    </message>
    <message>
      <source>rename them: on Windows and macOS the files of one would replace those of the other</source>
      <translation>benennen Sie sie um: Unter Windows und macOS würden die Dateien des einen die des anderen ersetzen</translation>
    </message>
    <message>
      <source>{count} {count:~case is|cases are} listed more than once, and used once: {names:…`}</source>
      <translation>{count} {count:~Fall ist|Fälle sind} mehr als einmal aufgeführt und {count:~wird|werden} einmal benutzt: {names:…`}</translation>
    </message>
    <message>
      <source>remove the further entries, or correct what was to be another case</source>
      <translation>entfernen Sie die weiteren Einträge, oder berichtigen Sie, was ein anderer Fall sein sollte</translation>
    </message>
    <message>
      <source>`{field}` says {stated} {stated:~case|cases}, but {found} {found:~is|are} there</source>
      <translation>`{field}` sagt {stated} {stated:~Fall|Fälle}, aber {found} {found:~ist|sind} da</translation>
    </message>
    <message>
      <source>{lacks:?look for the missing files, or |}correct the number</source>
      <translation>{lacks:?suchen Sie die fehlenden Dateien, oder |}berichtigen Sie die Zahl</translation>
    </message>
    <message>
      <source>{path}: its segments have other values than those of the same names in other files, and {nameless} has no names, so what its values mean is not known; list the labels in a labels.json.</source>
      <translation>{path}: Seine Segmente haben andere Werte als die gleichnamigen in anderen Dateien, und {nameless} hat keine Namen; was deren Werte bedeuten, ist also nicht bekannt; führen Sie die Labels in einer labels.json auf.</translation>
    </message>
    <message>
      <source>{count} label {count:~file has|files have} no segment names ({files:…}); {count:~its|their} values are taken to mean what they mean in {named} ({labels:…})</source>
      <translation>{count} {count:~Labeldatei hat|Labeldateien haben} keine Segmentnamen ({files:…}); {count:~ihre Werte bedeuten|ihre Werte bedeuten} dann, was sie in {named} bedeuten ({labels:…})</translation>
    </message>
    <message>
      <source>check that the values mean the same, and list them in a labels.json</source>
      <translation>prüfen Sie, ob die Werte dasselbe bedeuten, und führen Sie sie in einer labels.json auf</translation>
    </message>
    <message>
      <source>{path}: segment `{segment}` ({value}) does not fit `{other}` ({listed}) in {where}, and the data set's list of labels lacks one of these names; call the labels in the list as the segments are called, or leave it out.</source>
      <translation>{path}: Das Segment `{segment}` ({value}) passt nicht zu `{other}` ({listed}) in {where}, und in der Labelliste des Datensatzes fehlt einer dieser Namen; nennen Sie die Labels der Liste wie die Segmente, oder lassen Sie die Liste weg.</translation>
    </message>
    <message>
      <source>{path}: segment `{segment}` cannot be a label by this name; rename it in Slicer.</source>
      <translation>{path}: Das Segment `{segment}` kann mit diesem Namen kein Label sein; benennen Sie es in Slicer um.</translation>
    </message>
    <message>
      <source>{path}: its segments `{first}` and `{second}` have {same_name:?the same name|one value}; {same_name:?rename one of them in Slicer|load it in Slicer and save it again}.</source>
      <translation>{path}: Die Segmente `{first}` und `{second}` haben {same_name:?denselben Namen|einen Wert}; {same_name:?benennen Sie eines davon in Slicer um|laden Sie es in Slicer, und speichern Sie es noch einmal}.</translation>
    </message>
    <message>
      <source>{path}: the first line is `{columns}`; it must be `case,image,label`, with `image2`… for more channels, and `role`, `not_annotated` and `annotated_slices` if wanted.</source>
      <translation>{path}: Die erste Zeile ist `{columns}`; sie muss `case,image,label` sein, mit `image2`… für weitere Kanäle, und mit `role`, `not_annotated` und `annotated_slices`, wenn gewünscht.</translation>
    </message>
    <message>
      <source>{path}, line {line}: case `{case}` is in line {first}, too; give each case a name of its own.</source>
      <translation>{path}, Zeile {line}: Der Fall `{case}` steht auch in Zeile {first}; geben Sie jedem Fall einen eigenen Namen.</translation>
    </message>
    <message>
      <source>{path}: not a text file in UTF-8; save the table as CSV UTF-8.</source>
      <translation>{path}: keine Textdatei in UTF-8; speichern Sie die Tabelle als CSV UTF-8.</translation>
    </message>
    <message>
      <source>{path}: is no table ({reason}); save it as CSV UTF-8.</source>
      <translation>{path}: ist keine Tabelle ({reason}); speichern Sie sie als CSV UTF-8.</translation>
    </message>
    <message>
      <source>{where}: {cells} cells under {columns} {columns:~column|columns}; quote a cell with a comma or semicolon.</source>
      <translation>{where}: {cells} Zellen unter {columns} {columns:~Spalte|Spalten}; setzen Sie eine Zelle mit Komma oder Semikolon in Anführungszeichen.</translation>
    </message>
    <message>
      <source>{where}: a row needs a case and an image; fill in the cell.</source>
      <translation>{where}: Eine Zeile braucht einen Fall und ein Bild; füllen Sie die Zelle aus.</translation>
    </message>
    <message>
      <source>{where}: role `{role}` of case `{case}` is not one of train, validation, test, unlabelled.</source>
      <translation>{where}: Die Rolle `{role}` des Falls `{case}` ist nicht train, validation, test oder unlabelled.</translation>
    </message>
    <message>
      <source>{where}: case `{case}` has the role {role} and no label; add one, or say unlabelled.</source>
      <translation>{where}: Der Fall `{case}` hat die Rolle {role} und kein Label; ergänzen Sie es, oder schreiben Sie unlabelled.</translation>
    </message>
    <message>
      <source>{path}: cannot be written slab by slab; use .nii.</source>
      <translation>{path}: kann nicht Platte für Platte geschrieben werden; nehmen Sie .nii.</translation>
    </message>
    <message>
      <source>case `{case}`: could not be laid over the template {template}; look whether both show the same part of the body in the same orientation, or use a model without a template.</source>
      <translation>Fall `{case}`: ließ sich nicht auf die Vorlage {template} legen; sehen Sie nach, ob beide denselben Körperteil in derselben Ausrichtung zeigen, oder nehmen Sie ein Modell ohne Vorlage.</translation>
    </message>
    <message>
      <source>{path}: its data file {file} is missing{more:?, and {more} more|}</source>
      <translation>{path}: Seine Datendatei {file} fehlt{more:?, und {more} weitere|}</translation>
    </message>
    <message>
      <source>put it where this header says, or export the image as one file (.nii.gz or .nrrd)</source>
      <translation>legen Sie sie dorthin, wo diese Kopfdaten es sagen, oder exportieren Sie das Bild als eine Datei (.nii.gz oder .nrrd)</translation>
    </message>
    <message>
      <source>{path}: its header does not say where in a patient the image lies, nor which of its sides is left (its space is {space:?{space}|not given}); it is taken to count towards left, posterior, superior</source>
      <translation>{path}: Der Header sagt nicht, wo in einem Patienten das Bild liegt und welche seiner Seiten links ist (sein Raum ist {space:?{space}|nicht angegeben}); es gilt als nach links, hinten, oben gezählt</translation>
    </message>
    <message>
      <source>{path}: its header gives lengths in {unit}, which are taken for mm</source>
      <translation>{path}: Der Header gibt Längen in {unit} an, die als mm gelten</translation>
    </message>
    <message>
      <source>write it in mm</source>
      <translation>schreiben Sie es in mm</translation>
    </message>
    <message>
      <source>{path}: does not say where its voxels lie: its {forms} {forms:~is|are} not valid (no size, or no numbers)</source>
      <translation>{path}: sagt nicht, wo seine Voxel liegen: {forms} {forms:~ist|sind} nicht gültig (keine Größe, oder keine Zahlen)</translation>
    </message>
    <message>
      <source>{path}: takes more memory than this computer has free</source>
      <translation>{path}: braucht mehr Speicher, als auf diesem Computer frei ist</translation>
    </message>
    <message>
      <source>close other programs, or crop or resample it</source>
      <translation>schließen Sie andere Programme, oder schneiden Sie es zu, oder rechnen Sie es um</translation>
    </message>
    <message>
      <source>{path}: has the value {value}, which none of its segments has, and another segment is to get it</source>
      <translation>{path}: hat den Wert {value}, den keines seiner Segmente hat, und ein anderes Segment soll ihn bekommen</translation>
    </message>
    <message>
      <source>load it in Slicer and save it again</source>
      <translation>laden Sie es in Slicer, und speichern Sie es noch einmal</translation>
    </message>
    <message>
      <source>{path}: has label values that are not whole numbers, {value:g} for one</source>
      <translation>{path}: hat Label-Werte, die keine ganzen Zahlen sind, zum Beispiel {value:g}</translation>
    </message>
    <message>
      <source>export the segmentation as a label map and resample it with nearest neighbour</source>
      <translation>exportieren Sie die Segmentierung als Labelmap, und rechnen Sie sie mit dem nächsten Nachbarn um</translation>
    </message>
    <message>
      <source>{path}: has label values up to {high:g}</source>
      <translation>{path}: hat Label-Werte bis {high:g}</translation>
    </message>
    <message>
      <source>number the labels from 1</source>
      <translation>nummerieren Sie die Labels von 1 an</translation>
    </message>
    <message>
      <source>{path}: no such file</source>
      <translation>{path}: Diese Datei gibt es nicht</translation>
    </message>
    <message>
      <source>check the path, or take the case out of the list</source>
      <translation>prüfen Sie den Pfad, oder nehmen Sie den Fall aus der Liste</translation>
    </message>
    <message>
      <source>{path}: is not a regular file, but a pipe or a device</source>
      <translation>{path}: ist keine gewöhnliche Datei, sondern eine Pipe oder ein Gerät</translation>
    </message>
    <message>
      <source>check the path</source>
      <translation>prüfen Sie den Pfad</translation>
    </message>
    <message>
      <source>{path}: is not an image by its ending</source>
      <translation>{path}: ist seiner Endung nach kein Bild</translation>
    </message>
    <message>
      <source>use one of {endings}</source>
      <translation>nehmen Sie eine von {endings}</translation>
    </message>
    <message>
      <source>{path}: cannot be read ({reason})</source>
      <translation>{path}: kann nicht gelesen werden ({reason})</translation>
    </message>
    <message>
      <source>check the file and its permissions</source>
      <translation>prüfen Sie die Datei und ihre Zugriffsrechte</translation>
    </message>
    <message>
      <source>{path}: is not an image, or is damaged</source>
      <translation>{path}: ist kein Bild, oder ist beschädigt</translation>
    </message>
    <message>
      <source>{path}: its slices are read as if each lay {step_mm:.3g} mm beside the last, whatever the gaps between them are</source>
      <translation>{path}: Seine Schichten werden gelesen, als läge jede {step_mm:.3g} mm neben der letzten, wie groß die Lücken auch sind</translation>
    </message>
    <message>
      <source>take volumes and distances across slices as rough, and segmentations as lying on these slices alone</source>
      <translation>nehmen Sie Volumina und Abstände quer zu den Schichten als grob, und Segmentierungen als nur auf diesen Schichten gültig</translation>
    </message>
    <message>
      <source>{path}: is {axes}D ({size}) where 3D is meant</source>
      <translation>{path}: ist {axes}D ({size}), wo 3D gemeint ist</translation>
    </message>
    <message>
      <source>{more:?export one frame or channel a file|give a volume of slices}</source>
      <translation>{more:?exportieren Sie ein Einzelbild oder einen Kanal je Datei|geben Sie ein Volumen aus Schichten an}</translation>
    </message>
    <message>
      <source>{path}: cannot be written under this ending; use one of {endings}.</source>
      <translation>{path}: kann mit dieser Endung nicht geschrieben werden; nehmen Sie eine von {endings}.</translation>
    </message>
    <message>
      <source>{path}: the image's axes are not at right angles; write it as .nii.gz.</source>
      <translation>{path}: Die Achsen des Bildes stehen nicht im rechten Winkel; schreiben Sie es als .nii.gz.</translation>
    </message>
    <message>
      <source>{path}: the disk is full; free space and run it again.</source>
      <translation>{path}: Die Festplatte ist voll; schaffen Sie Platz, und starten Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: cannot be written ({reason}); make room or choose another folder.</source>
      <translation>{path}: kann nicht geschrieben werden ({reason}); schaffen Sie Platz, oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <source>{path}: the disk is full; free space and try again.</source>
      <translation>{path}: Die Festplatte ist voll; schaffen Sie Platz, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>memory of this computer ran out; close other programs, then try again.</source>
      <translation>der Arbeitsspeicher reichte nicht; schließen Sie andere Programme, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: the name is longer than the {most} bytes that disks take; give a shorter one.</source>
      <translation>{path}: Der Name ist länger als die {most} Bytes, die Festplatten nehmen; geben Sie einen kürzeren.</translation>
    </message>
    <message>
      <source>unexpected error ({kind}: {text}); its traceback:</source>
      <translation>unerwarteter Fehler ({kind}: {text}); sein Traceback:</translation>
    </message>
    <message>
      <source>unexpected error ({kind}: {text}); the traceback is in {log}.</source>
      <translation>unerwarteter Fehler ({kind}: {text}); der Traceback steht in {log}.</translation>
    </message>
    <message>
      <source>{option}: is for the strategy `{auto}`, which chooses, and `{strategy}` is trained as it is; leave it out, or name the strategy `{auto}`.</source>
      <translation>{option}: ist für die Strategie `{auto}`, die wählt, und `{strategy}` wird trainiert, wie sie ist; lassen Sie es weg, oder nennen Sie die Strategie `{auto}`.</translation>
    </message>
    <message>
      <source>{option}: is an option of a strategy, and `{strategy}` tries several; give it in {among}, as in `{example}`, or name a strategy.</source>
      <translation>{option}: ist eine Option einer Strategie, und `{strategy}` probiert mehrere; geben Sie sie in {among} an, wie in `{example}`, oder nennen Sie eine Strategie.</translation>
    </message>
    <message>
      <source>{option} {model}: was trained for {task} and segments nothing; adapt it to your cases with `{strategy}` first.</source>
      <translation>{option} {model}: wurde für {task} trainiert und segmentiert nichts; passen Sie es zuerst mit `{strategy}` an Ihre Fälle an.</translation>
    </message>
    <message>
      <source>{option} {model}: its parts take different images, or have labels that overlap, so they cannot be applied as one; give one of {parts:`}.</source>
      <translation>{option} {model}: Seine Teile nehmen verschiedene Bilder, oder haben überlappende Labels, lassen sich also nicht als eines anwenden; geben Sie eines von {parts:`} an.</translation>
    </message>
    <message>
      <source>{option}: a model in parts cannot follow this; give one of its parts, {parts:`}, or leave it out.</source>
      <translation>{option}: Ein Modell aus Teilen kann das nicht befolgen; geben Sie einen seiner Teile an, {parts:`}, oder lassen Sie es weg.</translation>
    </message>
    <message>
      <source>{option}: the card of `{model}` does not say how nnU-Net runs it; import the model from nnU-Net's own folder again, or leave the option out.</source>
      <translation>{option}: Die Karte von `{model}` sagt nicht, wie nnU-Net das Modell anwendet; importieren Sie es noch einmal aus dem Ordner von nnU-Net, oder lassen Sie die Option weg.</translation>
    </message>
    <message>
      <source>{option} {value}: every side must be at least 1 voxel.</source>
      <translation>{option} {value}: Jede Seite muss mindestens 1 Voxel haben.</translation>
    </message>
    <message>
      <source>{option} {path}: no such file; check the path.</source>
      <translation>{option} {path}: keine solche Datei; prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{path}: expected an object of label names; correct the file.</source>
      <translation>{path}: Ein Objekt mit Namen von Labels wurde erwartet; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{option} {path}: no such file or folder; check the path.</source>
      <translation>{option} {path}: weder Datei noch Ordner; prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{option} JOB is missing; say where the job's folder shall be.</source>
      <translation>{option} JOB fehlt; geben Sie an, wo der Ordner des Jobs sein soll.</translation>
    </message>
    <message>
      <source>`{strategy}`: `{auto}` tries several strategies by itself, so it takes no options and no strategy beside it; give `--strategy {auto}` to `{command}`, or name strategies.</source>
      <translation>`{strategy}`: `{auto}` probiert selbst mehrere Strategien, nimmt also keine Optionen und keine Strategie daneben; geben Sie `--strategy {auto}` bei `{command}` an, oder nennen Sie Strategien.</translation>
    </message>
    <message>
      <source>{path}: cannot be written there; name a file in a folder that exists.</source>
      <translation>{path}: kann dort nicht geschrieben werden; nennen Sie eine Datei in einem Ordner, den es gibt.</translation>
    </message>
    <message>
      <source>{path}: is not a table by its ending; name a file that ends in .csv.</source>
      <translation>{path}: ist nach der Endung keine Tabelle; nennen Sie eine Datei, die auf .csv endet.</translation>
    </message>
    <message>
      <source>{option}: {count} cases cannot be; give 1 or more.</source>
      <translation>{option}: {count} Fälle gehen nicht; geben Sie 1 oder mehr an.</translation>
    </message>
    <message>
      <source>{count} of the cases that the rounds are compared on {count:~is|are} not annotated yet ({cases:…`}): this round and later ones are compared without {count:~it|them}; annotate {count:~it|them} first.</source>
      <translation>{count} der Fälle, an denen die Runden verglichen werden, {count:~ist|sind} noch nicht annotiert ({cases:…`}): Diese Runde und spätere werden ohne {count:~ihn|sie} verglichen; annotieren Sie {count:~ihn|sie} zuerst.</translation>
    </message>
    <message>
      <source>{found}; see `{help}`.</source>
      <translation>{found}; siehe `{help}`.</translation>
    </message>
    <message>
      <source>{option} {network}: not known; choose one of {known}.</source>
      <translation>{option} {network}: nicht bekannt; wählen Sie eines von {known}.</translation>
    </message>
    <message>
      <source>{option}: {count} scans cannot be; give 1 or more.</source>
      <translation>{option}: {count} Bilder gehen nicht; geben Sie 1 oder mehr an.</translation>
    </message>
    <message>
      <source>{path}: is not empty; choose a new or an empty folder.</source>
      <translation>{path}: ist nicht leer; wählen Sie einen neuen oder einen leeren Ordner.</translation>
    </message>
    <message>
      <source>Looking at {number} of {count}: {case}</source>
      <translation>{number} von {count} wird angesehen: {case}</translation>
    </message>
    <message>
      <source>{path}: the job there is finished, and `{command}` shows it; choose another folder for a new one{adapts:?, and give `{parent}` with it to go on from the finished one|}.</source>
      <translation>{path}: Der Job dort ist fertig, und `{command}` zeigt ihn; wählen Sie für einen neuen einen anderen Ordner{adapts:?, und geben Sie dabei `{parent}` an, um vom fertigen aus weiterzumachen|}.</translation>
    </message>
    <message>
      <source>{path}: the job there is running; follow it by `{command}`, and choose another folder for a new one.</source>
      <translation>{path}: Der Job dort läuft; verfolgen Sie ihn mit `{command}`, und wählen Sie für einen neuen einen anderen Ordner.</translation>
    </message>
    <message>
      <source>{reason}. Its log: {log}</source>
      <translation>{reason}. Das Protokoll: {log}</translation>
    </message>
    <message>
      <source>{path}: is a file; give a folder for the segmentations.</source>
      <translation>{path}: ist eine Datei; geben Sie einen Ordner für die Segmentierungen an.</translation>
    </message>
    <message>
      <source>{option} {model}: has one set of weights; adapt with {other} to get an ensemble, or leave out {ensemble}.</source>
      <translation>{option} {model}: hat nur einen Satz Gewichte; passen Sie mit {other} an, um ein Ensemble zu bekommen, oder lassen Sie {ensemble} weg.</translation>
    </message>
    <message>
      <source>{path}: this image would be overwritten by its segmentation; choose another folder.</source>
      <translation>{path}: Dieses Bild würde von seiner Segmentierung überschrieben; wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <source>{path}: cannot be made ({reason}); choose another folder.</source>
      <translation>{path}: kann nicht angelegt werden ({reason}); wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <source>{path}: writing is not allowed; make the folder writable, or choose another.</source>
      <translation>{path}: Schreiben ist nicht erlaubt; machen Sie den Ordner beschreibbar, oder wählen Sie einen anderen.</translation>
    </message>
    <message>
      <source>{option}: nothing is averaged, so the uncertainty is what the model itself says, which is often too little; give {other} for the disagreement of copies.</source>
      <translation>{option}: Nichts wird gemittelt, also ist die Unsicherheit, was das Modell selbst sagt, und das ist oft zu wenig; geben Sie {other} an, um zu sehen, wo Kopien sich widersprechen.</translation>
    </message>
    <message>
      <source>Segmenting {number} of {count}: {case}</source>
      <translation>{number} von {count} wird segmentiert: {case}</translation>
    </message>
    <message>
      <source>case `{name}`: image {file} has one value everywhere, so its segmentation means nothing; export the image again.</source>
      <translation>Fall `{name}`: Das Bild {file} hat überall denselben Wert, also bedeutet seine Segmentierung nichts; exportieren Sie das Bild noch einmal.</translation>
    </message>
    <message>
      <source>case `{name}`: the model gives values that are not finite numbers, so there is no segmentation; look at the image's intensities, or use another model.</source>
      <translation>Fall `{name}`: Das Modell gibt Werte aus, die keine endlichen Zahlen sind, also gibt es keine Segmentierung; sehen Sie sich die Intensitäten des Bildes an, oder nehmen Sie ein anderes Modell.</translation>
    </message>
    <message>
      <source>case `{name}`: memory of this computer ran out while it was segmented, even with small windows; close other programs or crop the image.</source>
      <translation>Fall `{name}`: Der Arbeitsspeicher reichte nicht, als er segmentiert wurde, auch nicht mit kleinen Fenstern; schließen Sie andere Programme, oder schneiden Sie das Bild zu.</translation>
    </message>
    <message>
      <source>case `{name}`: memory of this computer ran out while its segmentation was written; close other programs or crop the image.</source>
      <translation>Fall `{name}`: Der Arbeitsspeicher reichte nicht, als seine Segmentierung geschrieben wurde; schließen Sie andere Programme, oder schneiden Sie das Bild zu.</translation>
    </message>
    <message>
      <source>case `{name}`: the model found none of its structures; look whether they are in the image, and whether it is one that the model was made for ({modality}, {body_part}).</source>
      <translation>Fall `{name}`: Das Modell fand keine seiner Strukturen; sehen Sie nach, ob sie im Bild sind, und ob es eines ist, für das das Modell gemacht wurde ({modality}, {body_part}).</translation>
    </message>
    <message>
      <source>case `{name}`: was shown with the axes of its file, {axes}, as the model's own program shows it; if little or the wrong side is found, import the model again with {option}.</source>
      <translation>Fall `{name}`: wurde mit den Achsen seiner Datei gezeigt, {axes}, wie es das eigene Programm des Modells tut; wird wenig oder die falsche Seite gefunden, importieren Sie das Modell noch einmal mit {option}.</translation>
    </message>
    <message>
      <source>case `{name}`: was shown with the axes of its file, {axes}, as nnU-Net shows it; if the training images of this model had others, little or the wrong side is found: then import the model again with {option} and those axes.</source>
      <translation>Fall `{name}`: wurde mit den Achsen seiner Datei gezeigt, {axes}, wie nnU-Net es tut; hatten die Trainingsbilder dieses Modells andere, wird wenig oder die falsche Seite gefunden: importieren Sie das Modell dann noch einmal mit {option} und diesen Achsen.</translation>
    </message>
    <message>
      <source>{path}: is no DICOM image{more:?, as {more} more|}, and a DICOM segmentation refers to one; give the folder of its DICOM series, or leave out {option}.</source>
      <translation>{path}: ist kein DICOM-Bild{more:?, wie {more} weitere|}, und eine DICOM-Segmentierung bezieht sich auf eines; geben Sie den Ordner der DICOM-Serie an, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>{path}: the names of the labels could not be written there ({reason}); look at the disk, and run it again.</source>
      <translation>{path}: Die Namen der Labels konnten dort nicht geschrieben werden ({reason}); sehen Sie nach der Festplatte, und starten Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: the name would have {count} bytes, more than the {most} that disks take; give the image a shorter name.</source>
      <translation>{path}: Der Name hätte {count} Bytes, mehr als die {most}, die Festplatten nehmen; geben Sie dem Bild einen kürzeren Namen.</translation>
    </message>
    <message>
      <source>`{name}`: no model of this name can be downloaded; there are {known:?{known}|none}.</source>
      <translation>`{name}`: Kein Modell dieses Namens kann heruntergeladen werden; es gibt {known:?{known}|keines}.</translation>
    </message>
    <message>
      <source>{name}: {done:,.1f} of {total:,.1f} MB</source>
      <translation>{name}: {done:,.1f} von {total:,.1f} MB</translation>
    </message>
    <message>
      <source>{path}: holds no scores; resume the job, it writes them again.</source>
      <translation>{path}: enthält keine Bewertungen; setzen Sie den Job fort, er schreibt sie wieder.</translation>
    </message>
    <message>
      <source>{path}: is a link to a file outside the model's folder; put the file itself there.</source>
      <translation>{path}: ist ein Link auf eine Datei außerhalb des Modellordners; legen Sie die Datei selbst dorthin.</translation>
    </message>
    <message>
      <source>{path}: card format {format} is newer than {newest}, the newest known; update TransferSeg.</source>
      <translation>{path}: Das Format {format} der Karte ist neuer als {newest}, das neueste bekannte; aktualisieren Sie TransferSeg.</translation>
    </message>
    <message>
      <source>{where}: the template must be a file `template.nii.gz` (or .nii, .nrrd, .mha) beside the card, not `{template}`; correct the card.</source>
      <translation>{where}: Die Vorlage muss eine Datei `template.nii.gz` (oder .nii, .nrrd, .mha) neben der Karte sein, nicht `{template}`; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: has {count:,} labels, and a model here has {most} at most; do not use this model.</source>
      <translation>{where}: hat {count:,} Labels, und ein Modell hat hier höchstens {most}; benutzen Sie dieses Modell nicht.</translation>
    </message>
    <message>
      <source>{where}: a model for {task} segments nothing, but has labels; correct the card.</source>
      <translation>{where}: Ein Modell für {task} segmentiert nichts, hat aber Labels; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the labels' values must be different whole numbers from 1; correct the card.</source>
      <translation>{where}: Die Werte der Labels müssen verschiedene ganze Zahlen ab 1 sein; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the label value {value} is above {most}, so no file holds it; correct the card.</source>
      <translation>{where}: Der Labelwert {value} ist größer als {most}, also fasst ihn keine Datei; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `regions` must have each label once, with the values of the labels that it covers, its own among them; correct the card.</source>
      <translation>{where}: `regions` muss jedes Label einmal haben, mit den Werten der Labels, die es umfasst, darunter sein eigener; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the label {value} has no name; give it one.</source>
      <translation>{where}: Das Label {value} hat keinen Namen; geben Sie ihm einen.</translation>
    </message>
    <message>
      <source>{where}: the colour of `{label}` is ({colour}), not three numbers from 0 to 255.</source>
      <translation>{where}: Die Farbe von `{label}` ist ({colour}), nicht drei Zahlen von 0 bis 255.</translation>
    </message>
    <message>
      <source>{where}: `smoothing_mm` is not between 0 and {most}; correct the card.</source>
      <translation>{where}: `smoothing_mm` liegt nicht zwischen 0 und {most}; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `training_cases` is below 0 or `format` below 1; correct the card.</source>
      <translation>{where}: `training_cases` ist kleiner als 0 oder `format` kleiner als 1; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the Dice of `{label}` is {dice}, not between 0 and 1; correct the card.</source>
      <translation>{where}: Der Dice von `{label}` ist {dice}, nicht zwischen 0 und 1; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: two labels are called `{label}`; give each a name of its own.</source>
      <translation>{where}: Zwei Labels heißen `{label}`; geben Sie jedem einen eigenen Namen.</translation>
    </message>
    <message>
      <source>{where}: names no channel, and a network takes at least one image; correct the card.</source>
      <translation>{where}: nennt keinen Kanal, und ein Netz nimmt mindestens ein Bild; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the patch size must be positive in every axis; correct the card.</source>
      <translation>{where}: Die Größe der Ausschnitte muss auf jeder Achse positiv sein; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: a patch of ({size}) voxels does not fit into memory; correct the card.</source>
      <translation>{where}: Ein Ausschnitt von ({size}) Voxeln passt nicht in den Speicher; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: field `{field}` has control characters, or other directions of writing, which could hide a part of it, or more than {most:,} characters; do not use this model.</source>
      <translation>{where}: Das Feld `{field}` hat Steuerzeichen oder andere Schreibrichtungen, die einen Teil davon verbergen könnten, oder mehr als {most:,} Zeichen; benutzen Sie dieses Modell nicht.</translation>
    </message>
    <message>
      <source>{where}: `first_stage` must be a model of one network that segments the same channels, of the two neither may have a template, and the second must have `as_nnunet`; correct the card.</source>
      <translation>{where}: `first_stage` muss ein Modell mit einem Netz sein, das dieselben Kanäle segmentiert, keine der beiden Stufen darf eine Vorlage haben, und die zweite muss `as_nnunet` haben; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the network's argument `{argument}` must be at least 1; correct the {holder}.</source>
      <translation>{where}: Das Argument `{argument}` des Netzes muss mindestens 1 sein; berichtigen Sie {holder}.</translation>
    </message>
    <message>
      <source>{where}: the network's argument `{argument}` is `{value}`, which is no plain name and could run elsewhere as code; correct the {holder}.</source>
      <translation>{where}: Das Argument `{argument}` des Netzes ist `{value}`, was kein einfacher Name ist und anderswo als Code laufen könnte; berichtigen Sie {holder}.</translation>
    </message>
    <message>
      <source>{where}: the network's argument `{argument}` is of absurd size; do not use this model.</source>
      <translation>{where}: Das Argument `{argument}` des Netzes ist unsinnig groß; benutzen Sie dieses Modell nicht.</translation>
    </message>
    <message>
      <source>{where}: `{argument}` is no name of a network's argument; correct the {holder}.</source>
      <translation>{where}: `{argument}` ist kein Name eines Arguments des Netzes; berichtigen Sie {holder}.</translation>
    </message>
    <message>
      <source>{where}: `copies` is {copies}, not between 1 and {most}; correct the card.</source>
      <translation>{where}: `copies` ist {copies}, nicht zwischen 1 und {most}; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `copies_up_to_windows` is {windows}, and must be 1 or more; correct the card.</source>
      <translation>{where}: `copies_up_to_windows` ist {windows} und muss 1 oder mehr sein; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `overlap` is {overlap:g}, not between 0 and {most:g}; correct the card.</source>
      <translation>{where}: `overlap` ist {overlap:g}, nicht zwischen 0 und {most:g}; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `inference` names the label `{label}`, and the model has {labels:…`}; correct the card.</source>
      <translation>{where}: `inference` nennt das Label `{label}`, und das Modell hat {labels:…`}; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `members` must be up to {most} different files such as `{example}`; correct the card.</source>
      <translation>{where}: `members` muss bis zu {most} verschiedene Dateien wie `{example}` nennen; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `order` of `as_nnunet` must name each of the axes {axes} once; correct the card.</source>
      <translation>{where}: `order` von `as_nnunet` muss jede der Achsen {axes} einmal nennen; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `mirror` of `as_nnunet` must name some of the axes {axes}, each once and in this order; correct the card.</source>
      <translation>{where}: `mirror` von `as_nnunet` muss einige der Achsen {axes} nennen, jede einmal und in dieser Reihenfolge; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: a model that is run as nnU-Net does has the crop `{crop}` and no template; correct the card, or leave out `as_nnunet`.</source>
      <translation>{where}: Ein Modell, das wie von nnU-Net angewendet wird, hat den Zuschnitt `{crop}` und keine Vorlage; berichtigen Sie die Karte, oder lassen Sie `as_nnunet` weg.</translation>
    </message>
    <message>
      <source>{where}: `mirror` has `{axis}`, which is no axis ({axes}), is there twice, or is one along which a label has a side; correct the card.</source>
      <translation>{where}: `mirror` hat `{axis}`, was keine Achse ist ({axes}), zweimal da steht, oder eine Achse ist, an der ein Label eine Seite hat; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `intensities` must have {count} rising quantiles for each channel, and a spread that is not negative; correct the card, or leave them out.</source>
      <translation>{where}: `intensities` muss {count} steigende Quantile je Kanal haben und eine Streuung, die nicht negativ ist; berichtigen Sie die Karte, oder lassen Sie sie weg.</translation>
    </message>
    <message>
      <source>{where}: the spacing must be positive numbers of mm; correct the card.</source>
      <translation>{where}: Die Abstände müssen positive Zahlen in mm sein; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `spacing_tolerance` must be from 0 to below 1, `crop_margin` no less than 0 and `foreground_above` a number; correct the card.</source>
      <translation>{where}: `spacing_tolerance` muss von 0 bis unter 1 sein, `crop_margin` mindestens 0 und `foreground_above` eine Zahl; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `normalised_first` does not go with the crop `{crop}`; correct the card.</source>
      <translation>{where}: `normalised_first` passt nicht zum Zuschnitt `{crop}`; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: `slices_last` does not go with the crop `empty-slices`, which is of axial slices; correct the card.</source>
      <translation>{where}: `slices_last` passt nicht zum Zuschnitt `empty-slices`, der für axiale Schichten ist; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the crop `{crop}` goes with the resampling `monai`, or none, and without a template; correct the card.</source>
      <translation>{where}: Der Zuschnitt `{crop}` geht mit dem Resampling `monai` oder keinem, und ohne Vorlage; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: {channels} {channels:~channel|channels}, but intensities for {intensities}; correct the card.</source>
      <translation>{where}: {channels} {channels:~Kanal|Kanäle}, aber Intensitäten für {intensities}; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the intensities of channel {channel} are not usable numbers; correct the card.</source>
      <translation>{where}: Die Intensitäten des Kanals {channel} sind keine brauchbaren Zahlen; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the percentiles of channel {channel} must rise, from 0 to 100 at most; correct the card.</source>
      <translation>{where}: Die Perzentile des Kanals {channel} müssen steigen, von 0 bis höchstens 100; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: preprocessing of channel {channel}, {reason}; correct the card.</source>
      <translation>{where}: Vorverarbeitung des Kanals {channel}, {reason}; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the landmarks of channel {channel} must be {count} rising numbers; correct the card.</source>
      <translation>{where}: Die Landmarken des Kanals {channel} müssen {count} steigende Zahlen sein; berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>`{model}`: is a cascade of two networks, which can be applied and not adapted; start from a model of one network, such as its first stage `{first}`, imported by itself.</source>
      <translation>`{model}`: ist eine Kaskade aus zwei Netzen, die angewendet, aber nicht angepasst werden kann; beginnen Sie mit einem Modell aus einem Netz, etwa mit ihrer ersten Stufe `{first}`, für sich importiert.</translation>
    </message>
    <message>
      <source>case `{case}`: the name cannot be a file's; give it one of at most {most} bytes ({letters} Chinese letters), without slashes and control characters.</source>
      <translation>Fall `{case}`: So kann keine Datei heißen; geben Sie ihm einen Namen von höchstens {most} Bytes ({letters} chinesische Zeichen), ohne Schrägstriche und Steuerzeichen.</translation>
    </message>
    <message>
      <source>{option} {label}: {path} has no such label; it has {labels:…`}; give one of these, or a value.</source>
      <translation>{option} {label}: {path} hat kein solches Label; es hat {labels:…`}; geben Sie eines davon an, oder einen Wert.</translation>
    </message>
    <message>
      <source>some of {choices}, joined by +</source>
      <translation>einige von {choices}, mit + verbunden</translation>
    </message>
    <message>
      <source>one of {choices}</source>
      <translation>eines von {choices}</translation>
    </message>
    <message>
      <source>yes or no</source>
      <translation>ja oder nein</translation>
    </message>
    <message>
      <source>a text</source>
      <translation>ein Text</translation>
    </message>
    <message>
      <source>{one}, or several with commas between</source>
      <translation>{one}, oder mehrere mit Kommas dazwischen</translation>
    </message>
    <message>
      <source>{count} whole numbers</source>
      <translation>{count} ganze Zahlen</translation>
    </message>
    <message>
      <source>{count} whole numbers from {least:,}</source>
      <translation>{count} ganze Zahlen ab {least:,}</translation>
    </message>
    <message>
      <source>a whole number</source>
      <translation>eine ganze Zahl</translation>
    </message>
    <message>
      <source>a whole number from {least:,}</source>
      <translation>eine ganze Zahl ab {least:,}</translation>
    </message>
    <message>
      <source>a whole number from {least:,} to {most:,}</source>
      <translation>eine ganze Zahl von {least:,} bis {most:,}</translation>
    </message>
    <message>
      <source>a number greater than {above:,}</source>
      <translation>eine Zahl größer als {above:,}</translation>
    </message>
    <message>
      <source>a number greater than {above:,} and at most {most:,}</source>
      <translation>eine Zahl größer als {above:,} und höchstens {most:,}</translation>
    </message>
    <message>
      <source>a number</source>
      <translation>eine Zahl</translation>
    </message>
    <message>
      <source>a number from {least:,}</source>
      <translation>eine Zahl ab {least:,}</translation>
    </message>
    <message>
      <source>a number from {least:,} to {most:,}</source>
      <translation>eine Zahl von {least:,} bis {most:,}</translation>
    </message>
    <message>
      <source>option `{option}`: must be {expected}, not `{value}`.</source>
      <translation>Option `{option}`: muss {expected} sein, nicht `{value}`.</translation>
    </message>
    <message>
      <source>options `{first_option}` and `{second_option}` are both given; give one of them.</source>
      <translation>die Optionen `{first_option}` und `{second_option}` sind beide angegeben; geben Sie eine davon an.</translation>
    </message>
    <message>
      <source>the model is not complete, fetch it again</source>
      <translation>das Modell ist nicht vollständig, holen Sie es noch einmal</translation>
    </message>
    <message>
      <source>{path}: is a folder, not a file; {advice}.</source>
      <translation>{path}: ist ein Ordner, keine Datei; {advice}.</translation>
    </message>
    <message>
      <source>{path}: is not a regular file, but a pipe or a device; {advice}.</source>
      <translation>{path}: ist keine gewöhnliche Datei, sondern eine Pipe oder ein Gerät; {advice}.</translation>
    </message>
    <message>
      <source>{path}: no such file; {advice}.</source>
      <translation>{path}: keine solche Datei; {advice}.</translation>
    </message>
    <message>
      <source>{other} lies {outside_mm:.4g} mm outside {one}</source>
      <translation>{other} liegt {outside_mm:.4g} mm außerhalb von {one}</translation>
    </message>
    <message>
      <source>{other} reaches {reach_mm:.4g} mm beyond the edge of {one}</source>
      <translation>{other} reicht {reach_mm:.4g} mm über den Rand von {one} hinaus</translation>
    </message>
    <message>
      <source>size of {one} {one_size}, of {other} {other_size} voxels</source>
      <translation>Größe: {one} {one_size}, {other} {other_size} Voxel</translation>
    </message>
    <message>
      <source>voxels lie up to {apart_mm:.3g} mm apart</source>
      <translation>Voxel liegen bis zu {apart_mm:.3g} mm auseinander</translation>
    </message>
    <message>
      <source>spacing of {one} {one_spacing}, of {other} {other_spacing} mm</source>
      <translation>Voxelabstand: {one} {one_spacing}, {other} {other_spacing} mm</translation>
    </message>
    <message>
      <source>direction of the axes</source>
      <translation>Richtung der Achsen</translation>
    </message>
    <message>
      <source>origin of {one} ({one_origin:.4g}), of {other} ({other_origin:.4g}) mm (RAS)</source>
      <translation>Ursprung: {one} ({one_origin:.4g}), {other} ({other_origin:.4g}) mm (RAS)</translation>
    </message>
    <message>
      <source>Of {labels:`…} the largest piece alone is kept: where an image has several, the others are removed</source>
      <translation>Von {labels:`…} bleibt nur das größte Stück: wo ein Bild mehrere hat, werden die anderen entfernt</translation>
    </message>
    <message>
      <source>Holes in {labels:`…} are filled</source>
      <translation>Löcher in {labels:`…} werden gefüllt</translation>
    </message>
    <message>
      <source>{option} {value}: is none and an axis; give one of them.</source>
      <translation>{option} {value}: ist keine und doch eine Achse; geben Sie eines davon an.</translation>
    </message>
    <message>
      <source>{option} {axis}: {count:~the label|the labels} {names:`…} {count:~has|have} a side along this axis, and a mirrored copy would take one side for the other; leave the axis out.</source>
      <translation>{option} {axis}: {count:~Das Label|Die Labels} {names:`…} {count:~hat|haben} eine Seite entlang dieser Achse, und eine gespiegelte Kopie würde die eine Seite für die andere halten; lassen Sie die Achse weg.</translation>
    </message>
    <message>
      <source>label value {value} is not in the data set's list of labels; add it to the list, or correct the segmentation.</source>
      <translation>der Labelwert {value} steht nicht in der Labelliste des Datensatzes; fügen Sie ihn der Liste hinzu, oder berichtigen Sie die Segmentierung.</translation>
    </message>
    <message>
      <source>{library} says: {text}</source>
      <translation>{library} sagt: {text}</translation>
    </message>
    <message>
      <source>The model `{model}` is of a job that was stopped before its end{uncompared:?; it was not compared with its source model, `{source}`, and may be worse|}; `{command}` finishes the job.</source>
      <translation>Das Modell `{model}` ist von einem Job, der vor seinem Ende angehalten wurde{uncompared:?; es wurde nicht mit seinem Ausgangsmodell `{source}` verglichen und ist vielleicht schlechter|}; `{command}` führt den Job zu Ende.</translation>
    </message>
    <message>
      <source>{path}: is empty (0 bytes)</source>
      <translation>{path}: ist leer (0 Bytes)</translation>
    </message>
    <message>
      <source>its download or copy broke off, fetch it again</source>
      <translation>das Herunterladen oder Kopieren brach ab, holen Sie sie noch einmal</translation>
    </message>
    <message>
      <source>{path}: is a Git LFS pointer, which stands for a file{known:? of {size:,} bytes|}, and not the file itself</source>
      <translation>{path}: ist ein Zeiger von Git LFS, der für eine Datei{known:? von {size:,} Bytes|} steht, und nicht die Datei selbst</translation>
    </message>
    <message>
      <source>run `{line}` in the clone, or download the file from its web page</source>
      <translation>führen Sie `{line}` im Klon aus, oder laden Sie die Datei von ihrer Webseite herunter</translation>
    </message>
    <message>
      <source>{path}: is a web page, not the file itself: the server sent a page (to log in, to agree to terms, or one that shows the file)</source>
      <translation>{path}: ist eine Webseite, nicht die Datei selbst: Der Server schickte eine Seite (zum Anmelden, zum Zustimmen, oder eine, die die Datei zeigt)</translation>
    </message>
    <message>
      <source>download the file itself in a browser</source>
      <translation>laden Sie die Datei selbst mit einem Browser herunter</translation>
    </message>
    <message>
      <source>{option} {low} {high}: the second number must be larger than the first.</source>
      <translation>{option} {low} {high}: Die zweite Zahl muss größer sein als die erste.</translation>
    </message>
    <message>
      <source>{option}: slices without content are left out of axial slices alone ({other}, or the preset); leave one of them out.</source>
      <translation>{option}: Schichten ohne Inhalt werden nur bei axialen Schichten weggelassen ({other} oder die Voreinstellung); lassen Sie eines von beiden weg.</translation>
    </message>
    <message>
      <source>{option}: is for MR, and the images are CT, whose values have a unit; leave it out.</source>
      <translation>{option}: ist für MR, und die Bilder sind CT, deren Werte eine Einheit haben; lassen Sie es weg.</translation>
    </message>
    <message>
      <source>{option}: no channel is CT; leave it out, or give {other_option}.</source>
      <translation>{option}: Kein Kanal ist CT; lassen Sie es weg, oder geben Sie {other_option} an.</translation>
    </message>
    <message>
      <source>{option}: the images are CT, which is clipped to a window; give {window_option}, or a {other_option}.</source>
      <translation>{option}: Die Bilder sind CT, das auf ein Fenster beschnitten wird; geben Sie {window_option} oder ein {other_option} an.</translation>
    </message>
    <message>
      <source>takes out the bias field by N4</source>
      <translation>entfernt das Bias-Feld mit N4</translation>
    </message>
    <message>
      <source>an object</source>
      <translation>ein Objekt</translation>
    </message>
    <message>
      <source>a list</source>
      <translation>eine Liste</translation>
    </message>
    <message>
      <source>true or false</source>
      <translation>wahr oder falsch</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>nichts</translation>
    </message>
    <message>
      <source>{where}: expected an object, found {found}; correct the file.</source>
      <translation>{where}: Ein Objekt wurde erwartet, {found} gefunden; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{where}: unknown field `{field}`; known are {known}.</source>
      <translation>{where}: unbekanntes Feld `{field}`; bekannt sind {known}.</translation>
    </message>
    <message>
      <source>{where}: {missing:~field|fields} {missing:`} {missing:~is missing; add it|are missing; add them}.</source>
      <translation>{where}: {missing:~Das Feld|Die Felder} {missing:`} {missing:~fehlt; ergänzen Sie es|fehlen; ergänzen Sie sie}.</translation>
    </message>
    <message>
      <source>{path}: cannot be read (it is not a file); check the path.</source>
      <translation>{path}: kann nicht gelesen werden (es ist keine Datei); prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{path}: has more than {megabytes} MB, too many for a file of its kind; is it one?</source>
      <translation>{path}: hat mehr als {megabytes} MB, zu viel für eine Datei dieser Art; ist es eine?</translation>
    </message>
    <message>
      <source>{path}: no such file; check the path.</source>
      <translation>{path}: keine solche Datei; prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{path}: not a text file in UTF-8 or UTF-16; is this the right file?</source>
      <translation>{path}: keine Textdatei in UTF-8 oder UTF-16; ist das die richtige Datei?</translation>
    </message>
    <message>
      <source>{path}: cannot be read ({reason}); check the path and its permissions.</source>
      <translation>{path}: kann nicht gelesen werden ({reason}); prüfen Sie den Pfad und seine Rechte.</translation>
    </message>
    <message>
      <source>{path}: not valid JSON ({reason} in line {line}); correct the file.</source>
      <translation>{path}: kein gültiges JSON ({reason} in Zeile {line}); berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{path}: not a file of ours (nested too deeply, or a number too long); correct it.</source>
      <translation>{path}: keine unserer Dateien (zu tief verschachtelt, oder eine zu lange Zahl); berichtigen Sie sie.</translation>
    </message>
    <message>
      <source>{path}: a text has half a character (a lone surrogate); correct the file.</source>
      <translation>{path}: Ein Text hat ein halbes Zeichen (ein einzelnes Surrogat); berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{path}: a whole number is beyond {most:,}; correct the file.</source>
      <translation>{path}: Eine ganze Zahl liegt jenseits von {most:,}; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{path}: is nested too deeply, in more than {most} levels; do not use this file.</source>
      <translation>{path}: ist zu tief verschachtelt, in mehr als {most} Ebenen; benutzen Sie diese Datei nicht.</translation>
    </message>
    <message>
      <source>{where}: `{value}` is not one of {choices}.</source>
      <translation>{where}: `{value}` ist nicht eines von {choices}.</translation>
    </message>
    <message>
      <source>{where}: expected a list, found {found}.</source>
      <translation>{where}: Eine Liste wurde erwartet, {found} gefunden.</translation>
    </message>
    <message>
      <source>{where}: expected {wanted} {wanted:~value|values}, found {count}.</source>
      <translation>{where}: {wanted} {wanted:~Wert wurde|Werte wurden} erwartet, {count} gefunden.</translation>
    </message>
    <message>
      <source>{where}: expected an object, found {found}.</source>
      <translation>{where}: Ein Objekt wurde erwartet, {found} gefunden.</translation>
    </message>
    <message>
      <source>{where}: expected {wanted}, found {found}.</source>
      <translation>{where}: {wanted} wurde erwartet, {found} gefunden.</translation>
    </message>
    <message>
      <source>{where}: is not the data of a sentence; correct the file.</source>
      <translation>{where}: sind nicht die Daten eines Satzes; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{where}: the regions {names:…`} do not tell the values {values:…} apart: each must be painted as its own value, the larger one first; correct the list of labels, or its {order}.</source>
      <translation>{where}: Die Regionen {names:…`} unterscheiden die Werte {values:…} nicht: Jede muss mit einem eigenen Wert gemalt werden, die größere zuerst; berichtigen Sie die Labelliste oder ihr {order}.</translation>
    </message>
    <message>
      <source>{path}: line {line}: aliases are not read; write the values out.</source>
      <translation>{path}: Zeile {line}: Aliase werden nicht gelesen; schreiben Sie die Werte aus.</translation>
    </message>
    <message>
      <source>{path}: is nested too deeply; correct the file.</source>
      <translation>{path}: ist zu tief verschachtelt; berichtigen Sie die Datei.</translation>
    </message>
    <message>
      <source>{path}: not valid YAML ({reason}); correct it.</source>
      <translation>{path}: kein gültiges YAML ({reason}); berichtigen Sie es.</translation>
    </message>
    <message>
      <source>The source model was trained or validated on {count} of the {annotated} annotated cases ({cases:…}); Dice on {count:~it|them} would be too good, so {count:~it is|they are} left out of what follows.</source>
      <translation>Das Ausgangsmodell wurde mit {count} der {annotated} annotierten Fälle trainiert oder validiert ({cases:…}); der Dice darauf wäre zu gut, also {count:~bleibt er|bleiben sie} im Folgenden weg.</translation>
    </message>
    <message>
      <source>The source model learned from the images of {count} of the {annotated} annotated cases without their labels, so that Dice on {count:~it|them} may be a little too good.</source>
      <translation>Das Ausgangsmodell lernte von den Bildern von {count} der {annotated} annotierten Fälle ohne deren Labels; der Dice darauf mag also etwas zu gut sein.</translation>
    </message>
    <message>
      <source>Whether the source model has seen these cases is not known: its card does not say which images it was trained on. If it has, all Dice below are too good.</source>
      <translation>Ob das Ausgangsmodell diese Fälle gesehen hat, ist nicht bekannt: Seine Karte sagt nicht, mit welchen Bildern es trainiert wurde. Hat es sie gesehen, ist jeder Dice unten zu gut.</translation>
    </message>
    <message>
      <source>Resolution: the voxels are {ratios} times as large as the model's ({spacing} mm){far:?, which is far: the model has not seen such detail, or more of it|}.</source>
      <translation>Auflösung: Die Voxel sind {ratios}-mal so groß wie die des Modells ({spacing} mm){far:?, was weit weg ist: Das Modell hat solche Einzelheiten, oder mehr davon, nicht gesehen|}.</translation>
    </message>
    <message>
      <source>How far the features are is not known: the network stores no statistics of its training (it has no batch normalisation).</source>
      <translation>Wie weit die Merkmale weg sind, ist nicht bekannt: Das Netz speichert keine Statistik seines Trainings (es hat keine Batch-Normalisierung).</translation>
    </message>
    <message>
      <source>Features: the inputs of its normalisations are {distance:.2f} nats from those of its training (0 is no shift).</source>
      <translation>Merkmale: Die Eingänge der Normalisierungen sind {distance:.2f} nats von denen seines Trainings entfernt (0 ist keine Verschiebung).</translation>
    </message>
    <message>
      <source>How far the intensities are is not known: the model's card has none of its training images.</source>
      <translation>Wie weit die Intensitäten weg sind, ist nicht bekannt: Die Karte des Modells hat keine seiner Trainingsbilder.</translation>
    </message>
    <message>
      <source>Intensities: {distance:.2f} standard deviations from the mean of its training images, which are {spread:.2f} from it themselves (Wasserstein distance){any:?; it was trained on random contrasts, so that says little|}.</source>
      <translation>Intensitäten: {distance:.2f} Standardabweichungen vom Mittel seiner Trainingsbilder, die selbst {spread:.2f} davon entfernt sind (Wasserstein-Abstand){any:?; es wurde mit zufälligen Kontrasten trainiert, also sagt das wenig|}.</translation>
    </message>
    <message>
      <source>What a training will bring is not known before one was scored: that was measured on the {part} alone.</source>
      <translation>Was ein Training bringen wird, ist nicht bekannt, bevor eines bewertet wurde: Gemessen wurde es nur an {part}.</translation>
    </message>
    <message>
      <source>What a training will bring is not known before one was scored: on the {part} no source model was measured that was about as good as this one as it is. Fine-tuning everything changed the mean Dice of others by {said:;}.</source>
      <translation>Was ein Training bringt, ist nicht bekannt, bevor eines bewertet wurde: An {part} wurde kein Ausgangsmodell gemessen, das, wie es ist, etwa so gut war wie dieses. Die Feinabstimmung von allem änderte den mittleren Dice anderer um {said:;}.</translation>
    </message>
    <message>
      <source>What to expect: on the {part}, fine-tuning everything changed the mean Dice by {said:;}, measured where the source model had {directs} as it is; other numbers of cases were not measured. All of it is of one data set, with the default settings.</source>
      <translation>Was zu erwarten ist: An {part} änderte die Feinabstimmung von allem den mittleren Dice um {said:;}, gemessen, wo das Ausgangsmodell {directs} hatte, wie es ist; andere Anzahlen von Fällen wurden nicht gemessen. Alles ist von einem Datensatz, mit den Standardeinstellungen.</translation>
    </message>
    <message>
      <source>{low:+.3f}{range:? to {high:+.3f}|} with {cases} cases{with_dice:? where it was {dice:.3f} as it is|}</source>
      <translation>{low:+.3f}{range:? bis {high:+.3f}|} mit {cases} Fällen{with_dice:?, wo er {dice:.3f} war, wie es ist|}</translation>
    </message>
    <message>
      <source>No case has a segmentation, so what is looked for is what the source model segments ({labels:…}); whether you want other structures is not known.</source>
      <translation>Kein Fall hat eine Segmentierung, also wird gesucht, was das Ausgangsmodell segmentiert ({labels:…}); ob Sie andere Strukturen wollen, ist nicht bekannt.</translation>
    </message>
    <message>
      <source>Steadiness: what the source model finds in an image and what it finds in copies that are shifted by a voxel are {away:.3f} from each other (1 - Dice, mean of {count} {count:~image|images}; 0 is steady).</source>
      <translation>Stetigkeit: Was das Ausgangsmodell in einem Bild findet und was es in um einen Voxel verschobenen Kopien findet, weicht um {away:.3f} voneinander ab (1 − Dice, Mittel von {count} {count:~Bild|Bildern}; 0 ist stetig).</translation>
    </message>
    <message>
      <source>The source model's own probabilities {useful:?tell|do not tell} of its Dice: rank correlation {correlation:.2f} over {count} cases; Dice predicted by them are off by {error:.3f}, the mean alone by {of_mean:.3f}.</source>
      <translation>Die Wahrscheinlichkeiten des Ausgangsmodells selbst {useful:?sagen etwas|sagen nichts} über seinen Dice: Rangkorrelation {correlation:.2f} über {count} Fälle; ein mit ihnen vorhergesagter Dice weicht um {error:.3f} ab, das Mittel allein um {of_mean:.3f}.</translation>
    </message>
    <message>
      <source>Predicted for the source model as it is: a mean Dice of {dice:.2f} in {count} {count:~scan|scans} without a segmentation{checked:?|, if its probabilities are right, which {annotated:?fewer than four annotated cases cannot tell|nothing can tell without a segmentation}: most models are surer than they are right}.</source>
      <translation>Vorhersage für das Ausgangsmodell, wie es ist: ein mittlerer Dice von {dice:.2f} in {count} {count:~Aufnahme|Aufnahmen} ohne Segmentierung{checked:?|, wenn seine Wahrscheinlichkeiten stimmen, was {annotated:?weniger als vier annotierte Fälle nicht sagen können|ohne Segmentierung nichts sagen kann}: Die meisten Modelle sind sicherer, als sie recht haben}.</translation>
    </message>
    <message>
      <source>Calibration of the models of folds is not known: the last job trained none, or an earlier version ran it.</source>
      <translation>Die Kalibrierung der Modelle der Folds ist nicht bekannt: Der letzte Job trainierte keine, oder eine frühere Version führte ihn aus.</translation>
    </message>
    <message>
      <source>Calibration of the models of folds, on the cases that they held out: their confidence is {error:.3f} from how often they are right (expected calibration error; 0 is best).</source>
      <translation>Kalibrierung der Modelle der Folds an den Fällen, die sie nicht sahen: Ihre Zuversicht weicht um {error:.3f} davon ab, wie oft sie recht haben (erwarteter Kalibrierungsfehler; 0 ist am besten).</translation>
    </message>
    <message>
      <source>How good the source model is as it is, is not known: no case{has_seen:? that it has not seen|} has a segmentation to compare with; annotate one.</source>
      <translation>Wie gut das Ausgangsmodell ist, wie es ist, ist nicht bekannt: Kein Fall{has_seen:?, den es nicht gesehen hat,|} hat eine Segmentierung zum Vergleichen; annotieren Sie einen.</translation>
    </message>
    <message>
      <source>As it is, the source model has a mean Dice of {dice:.3f} in {count} annotated {count:~case|cases}{has_seen:? that it has not seen|}{interval:? (95 % interval {low:.3f} to {high:.3f})|}.</source>
      <translation>Wie es ist, hat das Ausgangsmodell einen mittleren Dice von {dice:.3f} in {count} annotierten {count:~Fall|Fällen}{has_seen:?, die es nicht gesehen hat|}{interval:? (95-%-Intervall {low:.3f} bis {high:.3f})|}.</translation>
    </message>
    <message>
      <source>Calibration of the source model as it is: its confidence is {error:.3f} from how often it is right (expected calibration error; 0 is best).</source>
      <translation>Kalibrierung des Ausgangsmodells, wie es ist: Seine Zuversicht weicht um {error:.3f} davon ab, wie oft es recht hat (erwarteter Kalibrierungsfehler; 0 ist am besten).</translation>
    </message>
    <message>
      <source>What more annotated cases would bring cannot be said: a job kept the source model as it is, which no case changes.</source>
      <translation>Was weitere annotierte Fälle brächten, lässt sich nicht sagen: Ein Job behielt das Ausgangsmodell, wie es ist, und das ändert kein Fall.</translation>
    </message>
    <message>
      <source>What more annotated cases would bring cannot be said: too few of the cases that the jobs scored are ones that the source model has not seen.</source>
      <translation>Was weitere annotierte Fälle brächten, lässt sich nicht sagen: Zu wenige der Fälle, die die Jobs bewertet haben, hat das Ausgangsmodell nicht gesehen.</translation>
    </message>
    <message>
      <source>What more annotated cases would bring cannot be said from one number of cases; adapt on half of them as well, and give both jobs.</source>
      <translation>Was weitere annotierte Fälle brächten, lässt sich an einer einzigen Anzahl von Fällen nicht sagen; passen Sie auch mit der Hälfte davon an, und geben Sie beide Jobs an.</translation>
    </message>
    <message>
      <source>{gain:+.3f} with {cases} cases (95 % interval {low:+.3f} to {high:+.3f})</source>
      <translation>{gain:+.3f} mit {cases} Fällen (95-%-Intervall {low:+.3f} bis {high:+.3f})</translation>
    </message>
    <message>
      <source>More annotated cases: measured was a Dice of {measured:;} by models of folds{is_shared:?, on the {shared} cases that all of these jobs have scored|, each on its own cases, which may be easier or harder than the others}. With more than your {cases:g} nothing was measured; a power law through these {count} means has, beyond a model of all {cases:g}: {said:;}.</source>
      <translation>Mehr annotierte Fälle: Gemessen wurde ein Dice von {measured:;} durch Modelle der Folds{is_shared:?, an den {shared} Fällen, die alle diese Jobs bewertet haben|, jeweils an eigenen Fällen, die leichter oder schwerer sein können als die anderen}. Mit mehr als Ihren {cases:g} wurde nichts gemessen; ein Potenzgesetz durch diese {count} Mittelwerte hat, über ein Modell aus allen {cases:g} hinaus: {said:;}.</translation>
    </message>
    <message>
      <source>{dice:.3f} trained on {cases:g} {cases:~case|cases}</source>
      <translation>{dice:.3f}, trainiert mit {cases:g} {cases:~Fall|Fällen}</translation>
    </message>
    <message>
      <source>Whether disagreement tells of a low Dice cannot be said: that takes four scored cases that differ, which both the source model and the kept one have segmented{has_seen:?, and which the source model was not trained on|}.</source>
      <translation>Ob Widerspruch etwas über einen niedrigen Dice sagt, lässt sich nicht sagen: Dazu braucht es vier bewertete Fälle, die sich unterscheiden und die das Ausgangsmodell wie das behaltene segmentiert haben{has_seen:?, und mit denen das Ausgangsmodell nicht trainiert wurde|}.</translation>
    </message>
    <message>
      <source>Disagreement with the source model {useful:?tells|does not tell} of a low Dice: rank correlation {correlation:.2f} over {count} cases; predicted Dice are off by {error:.3f}, the mean alone by {of_mean:.3f}.</source>
      <translation>Widerspruch zum Ausgangsmodell {useful:?sagt etwas|sagt nichts} über einen niedrigen Dice: Rangkorrelation {correlation:.2f} über {count} Fälle; ein vorhergesagter Dice weicht um {error:.3f} ab, das Mittel allein um {of_mean:.3f}.</translation>
    </message>
    <message>
      <source>so there is no reason to prefer it</source>
      <translation>also gibt es keinen Grund, es vorzuziehen</translation>
    </message>
    <message>
      <source>{on_shared}mean Dice {first} against {second} {measured:?on cases that its models did not see|on the separate test cases} ({difference}, {share}){misses}</source>
      <translation>{on_shared}mittlerer Dice {first} gegen {second} {measured:?an Fällen, die seine Modelle nicht sahen|an den eigenen Testfällen} ({difference}, {share}){misses}</translation>
    </message>
    <message>
      <source>mean Dice {first:.3f} against {second:.3f} on the cases to validate on</source>
      <translation>mittlerer Dice {first:.3f} gegen {second:.3f} an den Validierungsfällen</translation>
    </message>
    <message>
      <source>these chose its weights, too, which flatters it</source>
      <translation>diese haben auch seine Gewichte ausgewählt, was es besser aussehen lässt</translation>
    </message>
    <message>
      <source>The kept model, of `{strategy}`, is worse than the source model as it is: {scores}; {chance}.</source>
      <translation>Das behaltene Modell, von `{strategy}`, ist schlechter als das Ausgangsmodell, wie es ist: {scores}; {chance}.</translation>
    </message>
    <message>
      <source>The kept model, of `{strategy}`, seems worse than the source model as it is: {scores}; {chance}.</source>
      <translation>Das behaltene Modell, von `{strategy}`, scheint schlechter als das Ausgangsmodell, wie es ist: {scores}; {chance}.</translation>
    </message>
    <message>
      <source>The kept model, of `{strategy}`, is no better than the source model as it is: {scores}; {chance}.</source>
      <translation>Das behaltene Modell, von `{strategy}`, ist nicht besser als das Ausgangsmodell, wie es ist: {scores}; {chance}.</translation>
    </message>
    <message>
      <source>{percent} % {dice:.3f}</source>
      <translation>{percent} % {dice:.3f}</translation>
    </message>
    <message>
      <source>`{strategy}`: {percent} % of the steps were chosen by the Dice of one copy of each image, at the network's own voxel size, on {count} {count:~case|cases} that the folds held out ({shown:…})</source>
      <translation>`{strategy}`: {percent} % der Schritte wurden nach dem Dice einer Kopie jedes Bildes, in der Voxelgröße des Netzes, in {count} {count:~Fall|Fällen} gewählt, die die Folds nicht sahen ({shown:…})</translation>
    </message>
    <message>
      <source>`{strategy}`: {all:?the adapted weights as they are|weights {percent} % of the way from those that the training began with to the adapted ones} were chosen by the Dice of one copy of each image, at the network's own voxel size, on {count} {count:~case|cases} {folds:?that the folds held out|{validated:?to validate on|that were trained on}} ({shown:…})</source>
      <translation>`{strategy}`: {all:?Die angepassten Gewichte, wie sie sind,|Gewichte {percent} % des Weges von denen, mit denen das Training begann, zu den angepassten} wurden nach dem Dice einer Kopie jedes Bildes, in der Voxelgröße des Netzes, in {count} {count:~Fall|Fällen} gewählt, {folds:?die die Folds nicht sahen|{validated:?die zum Validieren da sind|mit denen trainiert wurde}} ({shown:…})</translation>
    </message>
    <message>
      <source>that is more than chance ({p})</source>
      <translation>das ist mehr als Zufall ({p})</translation>
    </message>
    <message>
      <source>a difference too small to matter, {meaning}</source>
      <translation>ein Unterschied, zu klein, um etwas zu bedeuten, {meaning}</translation>
    </message>
    <message>
      <source>chance alone could have done this ({p}), {meaning}</source>
      <translation>das kann auch Zufall sein ({p}), {meaning}</translation>
    </message>
    <message>
      <source>{count} {count:~case is|cases are} too few to rule out chance (at least {needed} are needed where {compared} strategies are compared)</source>
      <translation>{count} {count:~Fall ist|Fälle sind} zu wenig, um Zufall auszuschließen (mindestens {needed} sind nötig, wenn {compared} Strategien verglichen werden)</translation>
    </message>
    <message>
      <source>p {p}{corrected:? after correction for {comparisons} comparisons|}</source>
      <translation>p {p}{corrected:? nach Korrektur für {comparisons} Vergleiche|}</translation>
    </message>
    <message>
      <source>no case in common</source>
      <translation>kein gemeinsamer Fall</translation>
    </message>
    <message>
      <source>{difference}, 95 % interval {low} to {high}</source>
      <translation>{difference}, 95-%-Intervall {low} bis {high}</translation>
    </message>
    <message>
      <source>{count} of {of} {of:~case|cases} {better:?better|worse}</source>
      <translation>{count} von {of} {of:~Fall|Fällen} {better:?besser|schlechter}</translation>
    </message>
    <message>
      <source>{share}; in {count} {count:~case|cases} only one of the two rightly found nothing, a Dice of 1</source>
      <translation>{share}; in {count} {count:~Fall|Fällen} fand nur eines der beiden zu Recht nichts, ein Dice von 1</translation>
    </message>
    <message>
      <source>on {names}, the {labels:~label|labels} that the source model knows, </source>
      <translation>an {names}, {labels:~dem Label, das|den Labels, die} das Ausgangsmodell kennt, </translation>
    </message>
    <message>
      <source>, with {count} {count:~structure|structures} missed or falsely found</source>
      <translation>, mit {count} {count:~Struktur, die übersehen oder fälschlich gefunden wurde|Strukturen, die übersehen oder fälschlich gefunden wurden}</translation>
    </message>
    <message>
      <source>{number} labels ({names:…`})</source>
      <translation>{number} Labels ({names:…`})</translation>
    </message>
    <message>
      <source>{firsts} and {last}</source>
      <translation>{firsts} und {last}</translation>
    </message>
    <message>
      <source>`{one}` lies where the source model finds `{other}`, and the other way round; look whether the two are exchanged in your labels</source>
      <translation>`{one}` liegt dort, wo das Ausgangsmodell `{other}` findet, und umgekehrt; sehen Sie nach, ob die beiden in Ihren Labels vertauscht sind</translation>
    </message>
    <message>
      <source>The source model is an ensemble of {count} models. What was measured of it is of the first alone, which a job begins from; used by itself, the source model averages all.</source>
      <translation>Das Ausgangsmodell ist ein Ensemble aus {count} Modellen. Was daran gemessen wurde, gilt dem ersten allein, mit dem ein Job beginnt; für sich benutzt, mittelt das Ausgangsmodell alle.</translation>
    </message>
    <message>
      <source>{known:?it is {spread:.1f} times as far from the annotated cases as scans usually are from each other|nothing is annotated that it could be compared with}{others:?, and {near} of the {others} other {others:~scan|scans} {near:~is|are} like it|}</source>
      <translation>{known:?er ist {spread:.1f}-mal so weit von den annotierten Fällen entfernt, wie Aufnahmen es gewöhnlich voneinander sind|nichts ist annotiert, womit er verglichen werden könnte}{others:?, und {near} von {others} {others:~anderen Aufnahme|anderen Aufnahmen} {near:~ist|sind} wie er|}</translation>
    </message>
    <message>
      <source>By spread alone: {place}. No model segments it yet.</source>
      <translation>Allein nach der Streuung: {place}. Noch segmentiert ihn kein Modell.</translation>
    </message>
    <message>
      <source>By spread alone: {place}. The models of the folds disagree on it by {disagreement:.2f} (0 is not at all, 1 is wholly), which does not count for the order.</source>
      <translation>Allein nach der Streuung: {place}. Die Modelle der Folds sind bei ihm um {disagreement:.2f} uneins (0 ist gar nicht, 1 ist ganz), was für die Reihenfolge nicht zählt.</translation>
    </message>
    <message>
      <source>By spread alone: {place}. There is one model, which is unsure of what it finds in it by {disagreement:.2f} (0 is not at all, 1 is wholly), over {networks:?its networks|shifted copies of the image}; that does not count for the order.</source>
      <translation>Allein nach der Streuung: {place}. Es gibt nur ein Modell, das sich dessen, was es in ihm findet, um {disagreement:.2f} unsicher ist (0 ist gar nicht, 1 ist ganz), über {networks:?seine Netze|verschobene Kopien des Bildes}; für die Reihenfolge zählt das nicht.</translation>
    </message>
    <message>
      <source>Only the source model as it is was scored: nothing was trained that it could be compared with.</source>
      <translation>Nur das Ausgangsmodell, wie es ist, wurde bewertet: Es wurde nichts trainiert, womit es verglichen werden könnte.</translation>
    </message>
    <message>
      <source>The source model was not scored on these labels, so whether it got better is not known.</source>
      <translation>Das Ausgangsmodell wurde auf diesen Labels nicht bewertet, also ist nicht bekannt, ob es besser wurde.</translation>
    </message>
    <message>
      <source>The source model was trained on cases that were scored, so its scores are too good, and whether it got better cannot be told: score on cases that it has not seen.</source>
      <translation>Das Ausgangsmodell wurde auf Fällen trainiert, die bewertet wurden, also sind seine Werte zu gut, und ob es besser wurde, lässt sich nicht sagen: Bewerten Sie auf Fällen, die es nicht gesehen hat.</translation>
    </message>
    <message>
      <source>On {count} {count:~case|cases} that it had not seen, the adapted model is better than the source model.</source>
      <translation>An {count} {count:~Fall, den|Fällen, die} es nicht gesehen hatte, ist das angepasste Modell besser als das Ausgangsmodell.</translation>
    </message>
    <message>
      <source>On {count} {count:~case|cases} that it had not seen, the adapted model is worse than the source model: go on with the source model.</source>
      <translation>An {count} {count:~Fall, den|Fällen, die} es nicht gesehen hatte, ist das angepasste Modell schlechter als das Ausgangsmodell: Machen Sie mit dem Ausgangsmodell weiter.</translation>
    </message>
    <message>
      <source>On {count} {count:~case|cases}, no clear difference is seen between the adapted model and the source model.</source>
      <translation>An {count} {count:~Fall|Fällen} ist kein klarer Unterschied zwischen dem angepassten Modell und dem Ausgangsmodell zu sehen.</translation>
    </message>
    <message>
      <source>The adapted model looks as good as the source model, but {count} {count:~case is|cases are} too few to tell.</source>
      <translation>Das angepasste Modell sieht so gut aus wie das Ausgangsmodell, aber {count} {count:~Fall ist|Fälle sind} zu wenig, um es zu sagen.</translation>
    </message>
    <message>
      <source>The adapted model looks worse than the source model, but {count} {count:~case is|cases are} too few to tell: annotate more, or go on with the source model.</source>
      <translation>Das angepasste Modell sieht schlechter aus als das Ausgangsmodell, aber {count} {count:~Fall ist|Fälle sind} zu wenig, um es zu sagen: Annotieren Sie mehr, oder machen Sie mit dem Ausgangsmodell weiter.</translation>
    </message>
    <message>
      <source>The adapted model looks better than the source model, but {count} {count:~case is|cases are} too few to tell: annotate more.</source>
      <translation>Das angepasste Modell sieht besser aus als das Ausgangsmodell, aber {count} {count:~Fall ist|Fälle sind} zu wenig, um es zu sagen: Annotieren Sie mehr.</translation>
    </message>
    <message>
      <source>Nothing else could be trained, so the source model is kept.</source>
      <translation>Nichts anderes konnte trainiert werden, also wird das Ausgangsmodell behalten.</translation>
    </message>
    <message>
      <source>Nothing that was trained is expected to do better than the source model, so the source model is kept{known:? (the best that was trained, `{strategy}`, has a mean Dice of {dice:.3f})|}: apply it to other volumes, or annotate more cases.</source>
      <translation>Von nichts, was trainiert wurde, ist zu erwarten, dass es besser ist als das Ausgangsmodell, also wird das Ausgangsmodell behalten{known:? (das Beste, was trainiert wurde, `{strategy}`, hat einen mittleren Dice von {dice:.3f})|}: Wenden Sie es auf andere Volumina an, oder annotieren Sie mehr Fälle.</translation>
    </message>
    <message>
      <source>The minutes that were given are too few to compare models{keeps:?, so the source model is kept|}: give {known:?about {least} minutes or more|more minutes} to find out whether a trained model is better.</source>
      <translation>Die gegebenen Minuten sind zu wenig, um Modelle zu vergleichen{keeps:?, also wird das Ausgangsmodell behalten|}: Geben Sie {known:?etwa {least} Minuten oder mehr|mehr Minuten}, um zu erfahren, ob ein trainiertes Modell besser ist.</translation>
    </message>
    <message>
      <source>The source model was trained on every annotated case, so models cannot be compared{keeps:?, and the source model is kept|}: annotate a case that it has not seen.</source>
      <translation>Das Ausgangsmodell wurde mit jedem annotierten Fall trainiert, also lassen sich Modelle nicht vergleichen{keeps:?, und das Ausgangsmodell wird behalten|}: Annotieren Sie einen Fall, den es nicht gesehen hat.</translation>
    </message>
    <message>
      <source>No trained model was scored on an annotated case that it had not seen, so models cannot be compared{keeps:?, and the source model is kept|}: that takes 2 folds or more.</source>
      <translation>Kein trainiertes Modell wurde an einem annotierten Fall bewertet, den es nicht gesehen hatte, also lassen sich Modelle nicht vergleichen{keeps:?, und das Ausgangsmodell wird behalten|}: Dazu braucht es mindestens 2 Folds.</translation>
    </message>
    <message>
      <source>Annotate a second case to find out whether it got better.</source>
      <translation>Annotieren Sie einen zweiten Fall, um zu erfahren, ob es besser wurde.</translation>
    </message>
    <message>
      <source>No annotated case was scored, so whether it got better is not known: that takes 2 folds or more, or separate test cases.</source>
      <translation>Kein annotierter Fall wurde bewertet, also ist nicht bekannt, ob es besser wurde: Das braucht 2 Folds oder mehr, oder eigene Testfälle.</translation>
    </message>
    <message>
      <source>`{label}`: {nothing:?what is found stays as it is|{largest:?of what is found, the largest component alone is kept|}{both:? and |}{filled:?holes are filled|}}, chosen by {count} {count:~case|cases} that the models did not see; with what the other folds' cases chose for each of them, their mean Dice is {nested:.3f} in place of {before:.3f}</source>
      <translation>`{label}`: {nothing:?was gefunden wird, bleibt, wie es ist|{largest:?von dem, was gefunden wird, bleibt nur die größte Komponente|}{both:?, und |}{filled:?Löcher werden gefüllt|}}, gewählt an {count} {count:~Fall, den|Fällen, die} die Modelle nicht sahen; mit dem, was die Fälle der anderen Folds für jeden von ihnen wählten, ist ihr mittlerer Dice {nested:.3f} statt {before:.3f}</translation>
    </message>
    <message>
      <source>{rate:g} {known:?{dice:.3f}|blew up}</source>
      <translation>{rate:g} {known:?{dice:.3f}|geplatzt}</translation>
    </message>
    <message>
      <source>`{strategy}`: learning rate {chosen:g} has the best mean Dice {folds:?out-of-fold|on the cases to validate on} ({shown:…})</source>
      <translation>`{strategy}`: Die Lernrate {chosen:g} hat den besten mittleren Dice {folds:?an Fällen, die die Modelle nicht sahen|an den Validierungsfällen} ({shown:…})</translation>
    </message>
    <message>
      <source>{recommendation}; {strategies:…`} {strategies:~was|were} not tried for want of time</source>
      <translation>{recommendation}; {strategies:…`} {strategies:~wurde|wurden} aus Zeitmangel nicht ausprobiert</translation>
    </message>
    <message>
      <source>The source model as it is is recommended without a comparison: its mean Dice on {cases} annotated {cases:~case|cases} is {source:.3f}, and the minutes that were given are too few to score a trained model on cases that it has not seen; give {known:?about {least} or |}more, or name the strategy that you want</source>
      <translation>Das Ausgangsmodell, wie es ist, wird ohne Vergleich empfohlen: Sein mittlerer Dice in {cases} annotierten {cases:~Fall|Fällen} ist {source:.3f}, und die gegebenen Minuten sind zu wenig, um ein trainiertes Modell an Fällen zu bewerten, die es nicht gesehen hat; geben Sie {known:?etwa {least} oder |}mehr, oder nennen Sie die gewünschte Strategie</translation>
    </message>
    <message>
      <source>`{strategy}` is recommended without a comparison: the minutes that were given are too few to score models on cases that they have not seen; give {known:?about {least} or |}more</source>
      <translation>`{strategy}` wird ohne Vergleich empfohlen: Die gegebenen Minuten sind zu wenig, um Modelle an Fällen zu bewerten, die sie nicht gesehen haben; geben Sie {known:?etwa {least} oder |}mehr</translation>
    </message>
    <message>
      <source>The source model as it is is recommended without a comparison: its mean Dice on {cases} annotated {cases:~case|cases} is {source:.3f}, and {seen:?it was trained on every one of them, so no score says which model is better elsewhere; annotate a case that it has not seen|no trained model can be scored on a case that it has not seen; {several:?ask for 2 folds or more|annotate one more case}}, or name the strategy that you want</source>
      <translation>Das Ausgangsmodell, wie es ist, wird ohne Vergleich empfohlen: Sein mittlerer Dice in {cases} annotierten {cases:~Fall|Fällen} ist {source:.3f}, und {seen:?es wurde mit jedem davon trainiert, also sagt keine Bewertung, welches Modell anderswo besser ist; annotieren Sie einen Fall, den es nicht gesehen hat|kein trainiertes Modell kann an einem Fall bewertet werden, den es nicht gesehen hat; {several:?verlangen Sie mindestens 2 Folds|annotieren Sie noch einen Fall}}, oder nennen Sie die gewünschte Strategie</translation>
    </message>
    <message>
      <source>`{strategy}` is recommended without a comparison: no model can be scored on a case that it has not seen; {several:?ask for 2 folds or more|annotate one more case}</source>
      <translation>`{strategy}` wird ohne Vergleich empfohlen: Kein Modell kann an einem Fall bewertet werden, den es nicht gesehen hat; {several:?verlangen Sie mindestens 2 Folds|annotieren Sie noch einen Fall}</translation>
    </message>
    <message>
      <source>`{strategy}` is recommended without a comparison: the source model was trained on every annotated case, so no score says which model is better elsewhere; annotate a case that it has not seen</source>
      <translation>`{strategy}` wird ohne Vergleich empfohlen: Das Ausgangsmodell wurde mit jedem annotierten Fall trainiert, also sagt keine Bewertung, welches Modell anderswo besser ist; annotieren Sie einen Fall, den es nicht gesehen hat</translation>
    </message>
    <message>
      <source>The source model as it is is recommended, because nothing else could be trained</source>
      <translation>Das Ausgangsmodell, wie es ist, wird empfohlen, weil nichts anderes trainiert werden konnte</translation>
    </message>
    <message>
      <source>The source model as it is is recommended: its mean HD95 is {source:.1f} mm and that of `{strategy}` {trained:.1f} mm, farther than chance would have it, and a gain of Dice is not</source>
      <translation>Das Ausgangsmodell, wie es ist, wird empfohlen: Sein mittlerer HD95 ist {source:.1f} mm und der von `{strategy}` {trained:.1f} mm, weiter, als es der Zufall hätte, und ein Gewinn an Dice ist es nicht</translation>
    </message>
    <message>
      <source>The source model as it is is recommended, though it lacks {labels:…`}: the best of {count} {count:~way|ways} of training, `{strategy}`, has a mean Dice of {best:.3f} over all labels, and what it finds of these does not make up for what it loses of the others</source>
      <translation>Das Ausgangsmodell, wie es ist, wird empfohlen, obwohl ihm {labels:…`} fehlt: Die beste von {count} {count:~Art|Arten} zu trainieren, `{strategy}`, hat über alle Labels einen mittleren Dice von {best:.3f}, und was sie davon findet, wiegt nicht auf, was sie bei den anderen verliert</translation>
    </message>
    <message>
      <source>The source model as it is is recommended: its mean Dice is {source:.3f}, and that of the best of {count} {count:~way|ways} of training, chosen for each case by the other cases, is {dice:.3f}</source>
      <translation>Das Ausgangsmodell, wie es ist, wird empfohlen: Sein mittlerer Dice ist {source:.3f}, und der der besten von {count} {count:~Art|Arten} zu trainieren, für jeden Fall von den anderen Fällen gewählt, ist {dice:.3f}</translation>
    </message>
    <message>
      <source>The source model as it is is recommended, with a mean Dice of {source:.3f}: the best of {count} {count:~way|ways} of training, `{strategy}`, has {best:.3f}, from which no gain is to be expected beyond these {cases} cases</source>
      <translation>Das Ausgangsmodell, wie es ist, wird empfohlen, mit einem mittleren Dice von {source:.3f}: Die beste von {count} {count:~Art|Arten} zu trainieren, `{strategy}`, hat {best:.3f}, und davon ist über diese {cases} Fälle hinaus kein Gewinn zu erwarten</translation>
    </message>
    <message>
      <source>`{strategy}` is recommended{others:?, before {others} {others:~other|others}|}: it segments {labels:…`}, which the source model lacks. Its model was trained on all cases, so `{auto_strategy}` is scored in its place: each case was segmented by a model that was chosen and trained without it, with a mean Dice of {dice:.3f} over all labels, and over those that both have of {shared:.3f} against {source:.3f} of the source model as it is. On the next case {little:?hardly any change|{loses:?a loss|a gain} of {change:.3f}} is to be expected of these</source>
      <translation>`{strategy}` wird empfohlen{others:?, vor {others} {others:~anderen|anderen}|}: Sie segmentiert {labels:…`}, was dem Ausgangsmodell fehlt. Ihr Modell wurde mit allen Fällen trainiert, deshalb ist `{auto_strategy}` an seiner Stelle bewertet: Jeder Fall wurde von einem Modell segmentiert, das ohne ihn gewählt und trainiert wurde, mit einem mittleren Dice von {dice:.3f} über alle Labels, und über die, die beide haben, von {shared:.3f} gegen {source:.3f} des Ausgangsmodells, wie es ist. Beim nächsten Fall ist davon {little:?kaum eine Änderung|{loses:?ein Verlust|ein Gewinn} von {change:.3f}} zu erwarten</translation>
    </message>
    <message>
      <source>`{strategy}` is recommended{others:?, before {others} {others:~other|others}|}. Its model was trained on all cases, so `{auto_strategy}` is scored in its place: each case was segmented by a model that was chosen and trained without it, with a mean Dice of {dice:.3f}</source>
      <translation>`{strategy}` wird empfohlen{others:?, vor {others} {others:~anderen|anderen}|}. Ihr Modell wurde mit allen Fällen trainiert, deshalb ist `{auto_strategy}` an seiner Stelle bewertet: Jeder Fall wurde von einem Modell segmentiert, das ohne ihn gewählt und trainiert wurde, mit einem mittleren Dice von {dice:.3f}</translation>
    </message>
    <message>
      <source>`{strategy}` is recommended{others:?, before {others} {others:~other|others}|}. All cases had a part in its model, so `{auto_strategy}` is scored in its place: each case was segmented by a model that was chosen and trained without it, with a mean Dice of {dice:.3f} against {source:.3f} of the source model as it is. {below:?So few cases differ by that much by chance, and models made like this gain more often than they lose: on|On} the next case {little:?hardly any change|{loses:?a loss|a gain} of {change:.3f}} is to be expected</source>
      <translation>`{strategy}` wird empfohlen{others:?, vor {others} {others:~anderen|anderen}|}. In seinem Modell stecken alle Fälle, deshalb wird an seiner Stelle `{auto_strategy}` bewertet: Jeder Fall wurde von einem Modell segmentiert, das ohne ihn gewählt und trainiert wurde, mit einem mittleren Dice von {dice:.3f} gegenüber {source:.3f} des unveränderten Ausgangsmodells. {below:?Um so viel unterscheiden sich so wenige Fälle durch Zufall, und so entstandene Modelle gewinnen häufiger, als dass sie verlieren: Für|Für} den nächsten Fall ist {little:?kaum eine Änderung|{loses:?ein Verlust|ein Gewinn} von {change:.3f}} zu erwarten</translation>
    </message>
    <message>
      <source>{path}: cannot be read ({reason}); check the path.</source>
      <translation>{path}: kann nicht gelesen werden ({reason}); prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{path}: line {number} is not a row of scores; write the file again.</source>
      <translation>{path}: Zeile {number} ist keine Zeile mit Bewertungen; schreiben Sie die Datei noch einmal.</translation>
    </message>
    <message>
      <source>No annotated case was scored, so nothing can be said about which model is better: that takes 2 folds or more, or separate test cases.</source>
      <translation>Kein annotierter Fall wurde bewertet, also lässt sich nicht sagen, welches Modell besser ist: Dazu braucht es mindestens 2 Folds, oder eigene Testfälle.</translation>
    </message>
    <message>
      <source>{clauses:;}.</source>
      <translation>{clauses:;}.</translation>
    </message>
    <message>
      <source>The source model was trained on {seen} of the {scored} cases that were scored, so these scores are too good, its own most of all; score on cases that it has not seen. {verdict}.</source>
      <translation>Das Ausgangsmodell wurde mit {seen} der {scored} bewerteten Fälle trainiert, also sind diese Bewertungen zu gut, seine eigene am meisten; bewerten Sie an Fällen, die es nicht gesehen hat. {verdict}.</translation>
    </message>
    <message>
      <source>{verdict}; but {conditions}.</source>
      <translation>{verdict}; aber: {conditions}.</translation>
    </message>
    <message>
      <source>{verdict}; these scores also chose which strategy is kept, so its own are a little too good.</source>
      <translation>{verdict}; nach diesen Werten wurde auch gewählt, welche Strategie behalten wird, daher sind ihre eigenen etwas zu gut.</translation>
    </message>
    <message>
      <source>The source model was trained on {seen} of the {scored} cases that were scored; these decide nothing here, but mean scores that count them are too good</source>
      <translation>Das Ausgangsmodell wurde mit {seen} der {scored} bewerteten Fälle trainiert; diese entscheiden hier nichts, aber Mittelwerte, die sie mitzählen, sind zu gut</translation>
    </message>
    <message>
      <source>The encoder was trained by {task} in {steps} {steps:~step|steps}; the loss went from {first:.3g} to {last:.3g}. No case was segmented: adapt the model with `{strategy}` to see what it is worth.</source>
      <translation>Der Encoder wurde in {steps} {steps:~Schritt|Schritten} durch {task} trainiert; der Verlust ging von {first:.3g} auf {last:.3g}. Kein Fall wurde segmentiert: Passen Sie das Modell mit `{strategy}` an, um zu sehen, was es wert ist.</translation>
    </message>
    <message>
      <source>`{strategy}` is kept, because its Dice on the cases to validate on is the best ({found:}). These chose its weights, too: how good it is takes 2 folds or more, or separate test cases.</source>
      <translation>`{strategy}` wird behalten, weil ihr Dice an den Validierungsfällen der beste ist ({found:}). Diese haben auch ihre Gewichte ausgewählt: Wie gut sie ist, sagen erst mindestens 2 Folds oder eigene Testfälle.</translation>
    </message>
    <message>
      <source>`{strategy}` {dice:.3f}</source>
      <translation>`{strategy}` {dice:.3f}</translation>
    </message>
    <message>
      <source>`{strategy}` reaches a mean Dice of {dice:.2f}{interval} in {count} {count:~case|cases}{misses}</source>
      <translation>`{strategy}` erreicht einen mittleren Dice von {dice:.2f}{interval} in {count} {count:~Fall|Fällen}{misses}</translation>
    </message>
    <message>
      <source>the source model {labels:~does not know this label|knows none of these {count} labels} ({labels:…}), so there is nothing to compare with</source>
      <translation>das Ausgangsmodell kennt {labels:~dieses Label|keines dieser {count} Labels} nicht ({labels:…}), also gibt es nichts zu vergleichen</translation>
    </message>
    <message>
      <source>no other strategy was run to compare it with</source>
      <translation>keine andere Strategie lief, mit der sie zu vergleichen wäre</translation>
    </message>
    <message>
      <source>`{strategy}` has the highest mean Dice, {on_all}{on_shared}{first} against {second} of the source model as it is ({difference}, {share}){misses}</source>
      <translation>`{strategy}` hat den höchsten mittleren Dice, {on_all}{on_shared}{first} gegen {second} des Ausgangsmodells, wie es ist ({difference}, {share}){misses}</translation>
    </message>
    <message>
      <source>{dice:.2f}; </source>
      <translation>{dice:.2f}; </translation>
    </message>
    <message>
      <source>`{strategy}` ({dice:.2f}) is not clearly behind it</source>
      <translation>`{strategy}` ({dice:.2f}) liegt nicht deutlich dahinter</translation>
    </message>
    <message>
      <source>{names} came out worse than the source model</source>
      <translation>{names} fiel schlechter aus als das Ausgangsmodell</translation>
    </message>
    <message>
      <source>{on_shared}the source model as it is has the highest mean Dice, {first} against {second} of `{strategy}`, the best of the others ({difference}, {share}){misses}</source>
      <translation>{on_shared}das Ausgangsmodell, wie es ist, hat den höchsten mittleren Dice, {first} gegen {second} von `{strategy}`, der besten der anderen ({difference}, {share}){misses}</translation>
    </message>
    <message>
      <source>Fine-tuning made it worse: {means}</source>
      <translation>Die Feinabstimmung machte es schlechter: {means}</translation>
    </message>
    <message>
      <source>Fine-tuning did not help: {means}</source>
      <translation>Die Feinabstimmung half nicht: {means}</translation>
    </message>
    <message>
      <source>keep the source model unless the pictures say otherwise</source>
      <translation>behalten Sie das Ausgangsmodell, wenn die Bilder nichts anderes sagen</translation>
    </message>
    <message>
      <source>`{strategy}` has the highest mean Dice, {first} against {second} of {runner_up} ({difference}, {share}){misses}</source>
      <translation>`{strategy}` hat den höchsten mittleren Dice, {first} gegen {second} von {runner_up} ({difference}, {share}){misses}</translation>
    </message>
    <message>
      <source>the two are as good as equal</source>
      <translation>die beiden sind so gut wie gleich</translation>
    </message>
    <message>
      <source>the source model {labels:~does not know this label|knows none of these {count} labels} ({labels:…}), so no comparison with it is made</source>
      <translation>das Ausgangsmodell kennt {labels:~dieses Label|keines dieser {count} Labels} nicht ({labels:…}), also wird mit ihm nicht verglichen</translation>
    </message>
    <message>
      <source>the source model as it is (`{strategy}`) was not run, so whether fine-tuning helped is not known</source>
      <translation>das Ausgangsmodell, wie es ist (`{strategy}`), lief nicht, also ist nicht bekannt, ob die Feinabstimmung half</translation>
    </message>
    <message>
      <source>but {names} {labels:~is|are} missed or misplaced in every case</source>
      <translation>aber {names} {labels:~wird|werden} in jedem Fall übersehen oder verfehlt</translation>
    </message>
    <message>
      <source>fine-tuning made no clear difference</source>
      <translation>die Feinabstimmung machte keinen klaren Unterschied</translation>
    </message>
    <message>
      <source>there fine-tuning made it worse, and that is more than chance ({p})</source>
      <translation>dort machte die Feinabstimmung es schlechter, und das ist mehr als Zufall ({p})</translation>
    </message>
    <message>
      <source> (95 % interval {low} to {high})</source>
      <translation> (95-%-Intervall {low} bis {high})</translation>
    </message>
    <message>
      <source>case `{name}`: this model keeps the largest piece of a label alone, so {pieces} further {pieces:~piece|pieces} ({shown:…}) {pieces:~was|were} removed; give {option} to see {pieces:~it|them}.</source>
      <translation>Fall `{name}`: Dieses Modell behält von einem Label nur das größte Stück; deshalb {pieces:~wurde|wurden} {pieces} {pieces:~weiteres Stück|weitere Stücke} ({shown:…}) entfernt; {option} zeigt {pieces:~es|sie}.</translation>
    </message>
    <message>
      <source>case `{name}`: this model fills the holes of a label, so some were filled ({shown:…}); give {option} to leave them open.</source>
      <translation>Fall `{name}`: Dieses Modell füllt die Löcher eines Labels; deshalb wurden welche gefüllt ({shown:…}); {option} lässt sie offen.</translation>
    </message>
    <message>
      <source>case `{case}`: the probabilities of {count} {count:~label|labels} take {needed:.0f} GiB of memory, and {free:.1f} GiB are free; crop the image, or leave out the probabilities.</source>
      <translation>Fall `{case}`: Die Wahrscheinlichkeiten von {count} {count:~Label|Labels} brauchen {needed:.0f} GiB Speicher, und {free:.1f} GiB sind frei; schneiden Sie das Bild zu, oder lassen Sie die Wahrscheinlichkeiten weg.</translation>
    </message>
    <message>
      <source>Memory ran out while segmenting: going on with the processor in place of the GPU</source>
      <translation>Der Speicher reichte beim Segmentieren nicht: Weiter geht es mit dem Prozessor statt der Grafikkarte</translation>
    </message>
    <message>
      <source>case `{name}`: in {precision} the model gives values that are not finite numbers, so some of it was segmented in float32</source>
      <translation>Fall `{name}`: In {precision} gibt das Modell Werte aus, die keine endlichen Zahlen sind, also wurde ein Teil davon in float32 segmentiert</translation>
    </message>
    <message>
      <source>case `{name}`: memory of this computer ran out while it was segmented, so this was done with windows of {size} voxels, which show the network less of the surroundings</source>
      <translation>Fall `{name}`: Der Arbeitsspeicher reichte nicht, als er segmentiert wurde, also geschah das mit Fenstern von {size} Voxeln, die dem Netz weniger von der Umgebung zeigen</translation>
    </message>
    <message>
      <source>the network gives values that are not finite</source>
      <translation>das Netz gibt Werte, die nicht endlich sind</translation>
    </message>
    <message>
      <source>{path}: this job adapted {same:?other weights of `{model}`|`{other}`, not `{model}`}, so it says nothing of it; leave it out, or give its source model.</source>
      <translation>{path}: Dieser Job hat {same:?andere Gewichte von `{model}`|`{other}`, nicht `{model}`,} angepasst, also sagt er nichts darüber; lassen Sie ihn weg, oder geben Sie sein Ausgangsmodell an.</translation>
    </message>
    <message>
      <source>{path}: this job scored {count} {count:~case that is|cases that are} not in {target} under the same name, with the same image and segmentation ({cases:…}); leave it out, or give the data set that it was made on.</source>
      <translation>{path}: Dieser Job bewertete {count} {count:~Fall, der|Fälle, die} in {target} nicht unter demselben Namen mit demselben Bild und derselben Segmentierung {count:~steht|stehen} ({cases:…}); lassen Sie ihn weg, oder geben Sie den Datensatz an, mit dem er gemacht wurde.</translation>
    </message>
    <message>
      <source>`{model}`: was trained for {task} and segments nothing, so nothing can be measured before it is adapted.</source>
      <translation>`{model}`: wurde für {task} trainiert und segmentiert nichts, also lässt sich nichts messen, bevor es angepasst ist.</translation>
    </message>
    <message>
      <source>{root}: no training case has a label; annotate at least one case (a folder holds `images` and, of the same names, `labels`).</source>
      <translation>{root}: Kein Trainingsfall hat ein Label; annotieren Sie mindestens einen Fall (ein Ordner hat `images` und, mit denselben Namen, `labels`).</translation>
    </message>
    <message>
      <source>field `cases`: case `{case}` is there twice; name each case once.</source>
      <translation>Feld `cases`: Der Fall `{case}` steht zweimal da; nennen Sie jeden Fall einmal.</translation>
    </message>
    <message>
      <source>{root}: has no {gone:~case|cases} {gone:`…}, which the job names; put {gone:~it|them} back.</source>
      <translation>{root}: hat {gone:~den Fall|die Fälle} {gone:`…} nicht, {gone:~den|die} der Job nennt; legen Sie {gone:~ihn|sie} zurück.</translation>
    </message>
    <message>
      <source>{root}: {size} training cases are asked for, and there are {most}; give smaller sizes.</source>
      <translation>{root}: {size} Trainingsfälle sind verlangt, und es gibt {most}; geben Sie kleinere Größen an.</translation>
    </message>
    <message>
      <source>{option} mirrors patches, and {count:~the label|the labels} {names:`…} {count:~has|have} a side: the network would take left for right</source>
      <translation>{option} spiegelt Ausschnitte, und {count:~das Label|die Labels} {names:`…} {count:~hat|haben} eine Seite: Das Netz würde links für rechts halten</translation>
    </message>
    <message>
      <source>give {other}</source>
      <translation>geben Sie {other} an</translation>
    </message>
    <message>
      <source>{option} changes nothing, because no strategy of the job trains with scans without labels</source>
      <translation>{option} ändert nichts, weil keine Strategie des Jobs mit Aufnahmen ohne Labels trainiert</translation>
    </message>
    <message>
      <source>leave it out, or choose {strategies}</source>
      <translation>lassen Sie es weg, oder wählen Sie {strategies}</translation>
    </message>
    <message>
      <source>no case is annotated, so the model is adapted to images alone, it has all of what was adapted (share 1), and {tests:?separate test cases alone say|nothing says} whether it is better than the source model</source>
      <translation>kein Fall ist annotiert, also wird das Modell allein an Bilder angepasst, es hat alles von dem, was angepasst wurde (Anteil 1), und {tests:?nur eigene Testfälle sagen|nichts sagt}, ob es besser ist als das Ausgangsmodell</translation>
    </message>
    <message>
      <source>annotate a few cases to have models scored</source>
      <translation>annotieren Sie einige Fälle, damit Modelle bewertet werden</translation>
    </message>
    <message>
      <source>no scan is without labels, so {strategies} can only learn from the {count:~image|images} of the {count} annotated {count:~case|cases}</source>
      <translation>keine Aufnahme ist ohne Labels, also lernt {strategies} nur von {count:~dem Bild des|den Bildern der} {count} annotierten {count:~Falls|Fälle}</translation>
    </message>
    <message>
      <source>add the scans that are to be segmented</source>
      <translation>fügen Sie die Aufnahmen hinzu, die segmentiert werden sollen</translation>
    </message>
    <message>
      <source>the source model's own cases are not given, so {count} digital heads ({modality}) stand for them</source>
      <translation>die eigenen Fälle des Ausgangsmodells sind nicht angegeben, also stehen {count} digitale Köpfe ({modality}) dafür</translation>
    </message>
    <message>
      <source>give {option} if you have them</source>
      <translation>geben Sie {option} an, wenn Sie sie haben</translation>
    </message>
    <message>
      <source>the source model is an ensemble of {count} models; the job begins from the first and scores it as `{strategy}`</source>
      <translation>das Ausgangsmodell ist ein Ensemble aus {count} Modellen; der Job beginnt mit dem ersten und bewertet es als `{strategy}`</translation>
    </message>
    <message>
      <source>the source model's own cases are given ({option}), and none of the job's strategies takes them</source>
      <translation>die eigenen Fälle des Ausgangsmodells sind angegeben ({option}), und keine Strategie des Jobs nimmt sie</translation>
    </message>
    <message>
      <source>name {strategies:`…} among the strategies, or leave them out</source>
      <translation>nennen Sie {strategies:…`} unter den Strategien, oder lassen Sie sie weg</translation>
    </message>
    <message>
      <source>case `{case}`: {problem} (and {more} more, see `{command}`).</source>
      <translation>Fall `{case}`: {problem} (und {more} weitere, siehe `{command}`).</translation>
    </message>
    <message>
      <source>{problem} (and {more} more, see `{command}`).</source>
      <translation>{problem} (und {more} weitere, siehe `{command}`).</translation>
    </message>
    <message>
      <source>{count} finished {count:~training|trainings} ({strategies:…`}) {count:~was|were} computed in another precision or segmented in other windows than the rest of this job ({precision}, windows of {size} voxels), which can change a score by itself; start a new job for a comparison under the same conditions</source>
      <translation>{count} {count:~fertiges Training|fertige Trainings} ({strategies:…`}) {count:~wurde|wurden} mit anderer Genauigkeit gerechnet oder in anderen Fenstern segmentiert als der Rest dieses Jobs ({precision}, Fenster von {size} Voxeln), was eine Bewertung schon für sich ändern kann; starten Sie einen neuen Job, um unter gleichen Bedingungen zu vergleichen</translation>
    </message>
    <message>
      <source>{root}: strategy `{strategy}` learns from scans without labels, and there is none; add the scans that are to be segmented, or choose another strategy.</source>
      <translation>{root}: Die Strategie `{strategy}` lernt von Aufnahmen ohne Labels, und es gibt keine; fügen Sie die Aufnahmen hinzu, die segmentiert werden sollen, oder wählen Sie eine andere Strategie.</translation>
    </message>
    <message>
      <source>{option}: has no effect, because no strategy of the job trains layers with weights of a source model; leave it out.</source>
      <translation>{option}: wirkt nicht, weil keine Strategie des Jobs Schichten mit Gewichten eines Ausgangsmodells trainiert; lassen Sie es weg.</translation>
    </message>
    <message>
      <source>{option}: has no effect, because no strategy of the job trains layers that are new beside a source model's; leave it out.</source>
      <translation>{option}: wirkt nicht, weil keine Strategie des Jobs Schichten trainiert, die neben denen eines Ausgangsmodells neu sind; lassen Sie es weg.</translation>
    </message>
    <message>
      <source>field `strategies`: none of them suits the source model and your labels; name the strategy that you want.</source>
      <translation>Feld `strategies`: Keine davon passt zum Ausgangsmodell und Ihren Labels; nennen Sie die gewünschte Strategie.</translation>
    </message>
    <message>
      <source>{option} {label}: the job segments no such label; it has {labels:…`}.</source>
      <translation>{option} {label}: Der Job segmentiert kein solches Label; er hat {labels:…`}.</translation>
    </message>
    <message>
      <source>{option}: of several learning rates one is chosen on cases that the models did not see; give {validation} or folds, or a single learning rate.</source>
      <translation>{option}: Von mehreren Lernraten wird eine an Fällen gewählt, die die Modelle nicht sahen; geben Sie {validation} oder Folds an, oder eine einzige Lernrate.</translation>
    </message>
    <message>
      <source>{option}: there are no folds whose models could be averaged; give {folds}, or leave {option} out.</source>
      <translation>{option}: Es gibt keine Folds, deren Modelle gemittelt werden könnten; geben Sie {folds} an, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>strategies can only be compared on cases that the models did not see; give {option}, {validation}, or test cases with labels.</source>
      <translation>Strategien lassen sich nur an Fällen vergleichen, die die Modelle nicht sahen; geben Sie {option}, {validation} oder Testfälle mit Labels an.</translation>
    </message>
    <message>
      <source>strategies can only be compared on cases that the models did not see; annotate at least one more case, or give test cases with labels.</source>
      <translation>Strategien lassen sich nur an Fällen vergleichen, die die Modelle nicht sahen; annotieren Sie mindestens noch einen Fall, oder geben Sie Testfälle mit Labels an.</translation>
    </message>
    <message>
      <source>{root}: labels are not annotated in some of its cases, and those of the source must be annotated in full; leave these cases out.</source>
      <translation>{root}: In einigen Fällen sind Labels nicht annotiert, und die des Ausgangsmodells müssen ganz annotiert sein; lassen Sie diese Fälle weg.</translation>
    </message>
    <message>
      <source>{root}: none of its labels ({labels:…}) is one of the source model's that the target's labels begin from; name them as the model does ({model_labels:…}).</source>
      <translation>{root}: Keines seiner Labels ({labels:…}) ist eines des Ausgangsmodells, mit dem die Labels des Ziels beginnen; nennen Sie sie wie das Modell ({model_labels:…}).</translation>
    </message>
    <message>
      <source>{path}: has no scores yet; let the job finish.</source>
      <translation>{path}: hat noch keine Bewertungen; lassen Sie den Job zu Ende laufen.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` has its name in that job and some images of another case there, `{other}`, so it cannot be told which fold's model has seen it; put its images right, or leave {option} out.</source>
      <translation>{path}: Fall `{case}` hat seinen Namen in jenem Auftrag und einige Bilder eines anderen Falls dort, `{other}`; welches Fold-Modell ihn gesehen hat, lässt sich nicht sagen. Berichtigen Sie seine Bilder, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` has other voxels than in that job, whose image of that name is now case `{other}`, and {missing:…`} of that job {missing:~is|are} missing, so it cannot be told which fold's model has seen `{case}`; give the cases the names that they had, or leave {option} out.</source>
      <translation>{path}: Fall `{case}` hat andere Voxel als in jenem Auftrag, dessen Bild dieses Namens jetzt Fall `{other}` ist, und {missing:…`} jenes Auftrags {missing:~fehlt|fehlen}; welches Fold-Modell `{case}` gesehen hat, lässt sich nicht sagen. Geben Sie den Fällen ihre früheren Namen, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>The kept model is an ensemble of {count} models and takes {count} times as long to segment; each annotated case was seen by some of them, so the out-of-fold scores are of the folds' single models{tests:?, and those of the test cases are the ensemble's|, and the ensemble itself was not scored}</source>
      <translation>Das behaltene Modell ist ein Ensemble aus {count} Modellen und braucht {count}-mal so lange zum Segmentieren; jeden annotierten Fall haben einige davon gesehen, also gelten die Bewertungen den einzelnen Modellen der Folds{tests:?, und die der Testfälle dem Ensemble|, und das Ensemble selbst wurde nicht bewertet}</translation>
    </message>
    <message>
      <source>The weights of the kept model are the mean of those of the {count} models of the folds: it is one network, and as quick as one; each annotated case was seen by some of them, so the out-of-fold scores are of the folds' single models{tests:?, and those of the test cases are of the mean|, and the mean itself was not scored}</source>
      <translation>Die Gewichte des behaltenen Modells sind das Mittel derer der {count} Modelle der Folds: Es ist ein einziges Netz und so schnell wie eines; jeder annotierte Fall war einigen von ihnen bekannt, daher sind die Out-of-Fold-Werte die der einzelnen Modelle der Folds{tests:?, und die der Testfälle die des Mittels|, und das Mittel selbst wurde nicht bewertet}</translation>
    </message>
    <message>
      <source>{work}; its snapshots take about {size} on the disk.</source>
      <translation>{work}; die Zwischenstände brauchen etwa {size} auf der Festplatte.</translation>
    </message>
    <message>
      <source>{plans}; all together about {time} on this computer.</source>
      <translation>{plans}; alle zusammen etwa {time} auf diesem Computer.</translation>
    </message>
    <message>
      <source>{plans}, about {time} on this computer.</source>
      <translation>{plans}, etwa {time} auf diesem Computer.</translation>
    </message>
    <message>
      <source>Nothing can be compared without folds, so one way of training is carried out{known:?, about {time} on this computer|}.</source>
      <translation>Ohne Folds lässt sich nichts vergleichen, also wird auf eine Art trainiert{known:?, etwa {time} auf diesem Computer|}.</translation>
    </message>
    <message>
      <source>Scoring one way of training on cases that it has not seen takes about {least} on this computer, which is more than was given: so nothing will be compared, and the source model as it is is kept where it copes with your cases, or trained on all of them.</source>
      <translation>Eine Art zu trainieren an Fällen zu bewerten, die sie nicht gesehen hat, dauert auf diesem Computer etwa {least}, mehr als gegeben: Also wird nichts verglichen, und das Ausgangsmodell wird behalten, wie es ist, wenn es mit Ihren Fällen zurechtkommt, oder mit allen trainiert.</translation>
    </message>
    <message>
      <source>Up to {count} {count:~way|ways} of training will be tried in {folds} folds, the better ones for longer, and the best is kept, or the source model as it is{known:?, about {time} on this computer|}.</source>
      <translation>Bis zu {count} {count:~Art|Arten} zu trainieren werden in {folds} Folds probiert, die besseren länger, und die beste wird behalten, oder das Ausgangsmodell, wie es ist{known:?, etwa {time} auf diesem Computer|}.</translation>
    </message>
    <message>
      <source>{count:.0f} seconds</source>
      <translation>{count:.0f} Sekunden</translation>
    </message>
    <message>
      <source>{count:.0f} minutes</source>
      <translation>{count:.0f} Minuten</translation>
    </message>
    <message>
      <source>{count:.1f} hours</source>
      <translation>{count:.1f} Stunden</translation>
    </message>
    <message>
      <source>{count:.0f} hours</source>
      <translation>{count:.0f} Stunden</translation>
    </message>
    <message>
      <source>{count:.0f} days</source>
      <translation>{count:.0f} Tage</translation>
    </message>
    <message>
      <source>{size:.0f} MiB</source>
      <translation>{size:.0f} MiB</translation>
    </message>
    <message>
      <source>{size:.1f} GiB</source>
      <translation>{size:.1f} GiB</translation>
    </message>
    <message>
      <source>{path}: the disk is full; free space, then `{command}`.</source>
      <translation>{path}: Die Festplatte ist voll; schaffen Sie Platz, dann `{command}`.</translation>
    </message>
    <message>
      <source>{path}: writing is not allowed ({reason}); make the folder writable, then `{command}`.</source>
      <translation>{path}: Schreiben ist nicht erlaubt ({reason}); machen Sie den Ordner beschreibbar, dann `{command}`.</translation>
    </message>
    <message>
      <source>{path}: writing failed ({reason}); check the disk, then `{command}`.</source>
      <translation>{path}: Schreiben schlug fehl ({reason}); prüfen Sie die Festplatte, dann `{command}`.</translation>
    </message>
    <message>
      <source>Writing the scores and the report</source>
      <translation>Bewertungen und Bericht werden geschrieben</translation>
    </message>
    <message>
      <source>The kept model has the source model's labels: used by itself it segments these ({labels:…}), which are translated into yours in this job alone</source>
      <translation>Das behaltene Modell hat die Labels des Ausgangsmodells: Für sich benutzt segmentiert es diese ({labels:…}), die nur in diesem Job in Ihre übersetzt werden</translation>
    </message>
    <message>
      <source>The kept model is the source model as it is: used by itself it segments its own labels ({labels:…}), which are translated into yours in this job alone</source>
      <translation>Das behaltene Modell ist das Ausgangsmodell, wie es ist: Für sich benutzt segmentiert es seine eigenen Labels ({labels:…}), die nur in diesem Job in Ihre übersetzt werden</translation>
    </message>
    <message>
      <source>{path}: the model of fold {fold} is gone, or another than when that was noted; run the job anew.</source>
      <translation>{path}: Das Modell des Folds {fold} ist weg, oder ein anderes, als damals vermerkt wurde; führen Sie den Job von vorn aus.</translation>
    </message>
    <message>
      <source>{path}: holds a job already; go on with it by `{command}`, or choose another folder.</source>
      <translation>{path}: enthält schon einen Job; setzen Sie ihn mit `{command}` fort, oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <source>{path}: is a file; choose a folder for the job.</source>
      <translation>{path}: ist eine Datei; wählen Sie einen Ordner für den Job.</translation>
    </message>
    <message>
      <source>{path}: is not empty and holds no job; choose a new or an empty folder.</source>
      <translation>{path}: ist nicht leer und enthält keinen Job; wählen Sie einen neuen oder einen leeren Ordner.</translation>
    </message>
    <message>
      <source>{path}: the disk is full; choose another folder, or make room there.</source>
      <translation>{path}: Die Festplatte ist voll; wählen Sie einen anderen Ordner, oder schaffen Sie dort Platz.</translation>
    </message>
    <message>
      <source>{path}: is a link, and a job would write through it; put the file or folder itself there.</source>
      <translation>{path}: ist ein Link, und ein Job würde durch ihn hindurch schreiben; legen Sie die Datei oder den Ordner selbst dorthin.</translation>
    </message>
    <message>
      <source>{path}: cannot be read ({reason}); was the job moved?</source>
      <translation>{path}: kann nicht gelesen werden ({reason}); wurde der Job verschoben?</translation>
    </message>
    <message>
      <source>{path}: is being run by another process; wait for it, or cancel it.</source>
      <translation>{path}: wird von einem anderen Prozess ausgeführt; warten Sie darauf, oder brechen Sie ihn ab.</translation>
    </message>
    <message>
      <source>{path}: is being run by process {pid} on {host} since {started}; wait for it, or cancel it.</source>
      <translation>{path}: wird seit {started} vom Prozess {pid} auf {host} ausgeführt; warten Sie darauf, oder brechen Sie ihn ab.</translation>
    </message>
    <message>
      <source>{path}: holds something else than a checkpoint of this program; delete it, then `{command}`.</source>
      <translation>{path}: enthält etwas anderes als einen Zwischenstand dieses Programms; löschen Sie sie, dann `{command}`.</translation>
    </message>
    <message>
      <source>{path}: cannot be written ({reason}); choose another folder.</source>
      <translation>{path}: kann nicht geschrieben werden ({reason}); wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <source>fold {fold} of the job that is gone on from has no case any more; put its cases back, or leave {option} out.</source>
      <translation>der Fold {fold} des Jobs, der fortgeführt wird, hat keinen Fall mehr; legen Sie seine Fälle zurück, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>{option}: no case is annotated, so none can be held out and scored; leave it out, or annotate some.</source>
      <translation>{option}: Kein Fall ist annotiert, also kann keiner zurückgehalten und bewertet werden; lassen Sie es weg, oder annotieren Sie einige.</translation>
    </message>
    <message>
      <source>{option}: there is only 1 annotated case; choose 0 for no cross-validation.</source>
      <translation>{option}: Es gibt nur 1 annotierten Fall; wählen Sie 0 für keine Kreuzvalidierung.</translation>
    </message>
    <message>
      <source>{option}: there are only {most} annotated cases; choose at most {most}, or 0 for no cross-validation.</source>
      <translation>{option}: Es gibt nur {most} annotierte Fälle; wählen Sie höchstens {most}, oder 0 für keine Kreuzvalidierung.</translation>
    </message>
    <message>
      <source>The source model was scored as all models of this job segment: {how:;}. Used by itself it segments as its own card says{ensemble:?, with all of its {count} networks|}, so it may find something else.</source>
      <translation>Das Ausgangsmodell wurde bewertet, wie alle Modelle dieses Jobs segmentieren: {how:;}. Für sich verwendet segmentiert es, wie seine eigene Karte sagt{ensemble:?, mit allen seinen {count} Netzen|}, und findet darum vielleicht etwas anderes.</translation>
    </message>
    <message>
      <source>the first of its {count} networks alone</source>
      <translation>das erste seiner {count} Netze allein</translation>
    </message>
    <message>
      <source>prepared and run as all models are here, not as nnU-Net does</source>
      <translation>vorbereitet und ausgeführt wie alle Modelle hier, nicht wie von nnU-Net</translation>
    </message>
    <message>
      <source>shown images with the axes right, anterior, superior</source>
      <translation>mit Bildern, deren Achsen rechts, vorn, oben sind</translation>
    </message>
    <message>
      <source>in windows of {size} voxels</source>
      <translation>in Fenstern von {size} Voxeln</translation>
    </message>
    <message>
      <source>with windows that overlap by {percent} %</source>
      <translation>mit Fenstern, die sich um {percent} % überlappen</translation>
    </message>
    <message>
      <source>with {copies} averaged {copies:~copy|copies} of each image{some:? with up to {windows} windows|}</source>
      <translation>mit {copies} {copies:~Kopie|gemittelten Kopien} jedes Bildes{some:? mit bis zu {windows} Fenstern|}</translation>
    </message>
    <message>
      <source>{some:?with copies mirrored along {axes}|without mirrored copies}</source>
      <translation>{some:?mit Kopien, gespiegelt entlang {axes}|ohne gespiegelte Kopien}</translation>
    </message>
    <message>
      <source>smoothed by {mm:g} mm</source>
      <translation>um {mm:g} mm geglättet</translation>
    </message>
    <message>
      <source>with single components or filled holes of {labels:…`}, which your cases chose</source>
      <translation>mit einzelnen Komponenten oder gefüllten Löchern von {labels:…`}, die Ihre Fälle gewählt haben</translation>
    </message>
    <message>
      <source>{path}: cannot be started ({reason}); choose another Python.</source>
      <translation>{path}: kann nicht gestartet werden ({reason}); wählen Sie ein anderes Python.</translation>
    </message>
    <message>
      <source>{path}: process {pid} does not end; end it in the system's task manager.</source>
      <translation>{path}: Der Prozess {pid} endet nicht; beenden Sie ihn im Task-Manager des Systems.</translation>
    </message>
    <message>
      <source>The job's process ended without a message; go on by `{command}`. Its last line: {last_line}</source>
      <translation>Der Prozess des Jobs endete ohne eine Nachricht; setzen Sie ihn mit `{command}` fort. Die letzte Zeile: {last_line}</translation>
    </message>
    <message>
      <source>The job's process ended without a message; go on by `{command}`.</source>
      <translation>Der Prozess des Jobs endete ohne eine Nachricht; setzen Sie ihn mit `{command}` fort.</translation>
    </message>
    <message>
      <source>{path}: the worker on an unknown computer does not answer; end it there.</source>
      <translation>{path}: Der Prozess auf einem unbekannten Computer antwortet nicht; beenden Sie ihn dort.</translation>
    </message>
    <message>
      <source>{path}: the worker on {host} does not answer; end it there.</source>
      <translation>{path}: Der Prozess auf {host} antwortet nicht; beenden Sie ihn dort.</translation>
    </message>
    <message>
      <source>cancelled before training began; `{command}` starts it.</source>
      <translation>abgebrochen, bevor das Training begann; `{command}` startet es.</translation>
    </message>
    <message>
      <source>cancelled; the model so far is in {path}{uncompared:?, was not compared with the source model, and may be worse|}; `{command}` goes on.</source>
      <translation>abgebrochen; das Modell bis hierher liegt in {path}{uncompared:?, wurde nicht mit dem Ausgangsmodell verglichen und ist vielleicht schlechter|}; `{command}` macht weiter.</translation>
    </message>
    <message>
      <source>{path}: {new:?trained a new model|has not finished}, so no job can go on from it; {new:?give the model as the source|let it finish}.</source>
      <translation>{path}: {new:?hat ein neues Modell trainiert|ist nicht fertig}, also kann kein Job davon ausgehen; {new:?geben Sie das Modell als Ausgangsmodell an|lassen Sie ihn zu Ende laufen}.</translation>
    </message>
    <message>
      <source>{path}: this job adapted another source model than `{model}`, so none can go on from it with `{model}`; give its own source model, or leave {option} out.</source>
      <translation>{path}: Dieser Job hat ein anderes Ausgangsmodell als `{model}` angepasst, also kann keiner mit `{model}` davon ausgehen; geben Sie sein eigenes Ausgangsmodell an, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>{path}: the model of fold {fold} is not there any more, or an earlier version made it and did not note what it had seen, so a job that goes on could score cases with models that saw them; run that job anew, or leave {option} out.</source>
      <translation>{path}: Das Modell des Folds {fold} ist nicht mehr da, oder eine frühere Version machte es und vermerkte nicht, was es gesehen hatte; ein Job, der davon ausgeht, könnte also Fälle mit Modellen bewerten, die sie sahen; führen Sie jenen Job von vorn aus, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>{path}: the strategy `{strategy}` made another network of the source model's, which no job can go on from; leave {option} out.</source>
      <translation>{path}: Die Strategie `{strategy}` machte ein anderes Netz aus dem des Ausgangsmodells, wovon kein Job ausgehen kann; lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>The job goes on from an earlier one, which kept {source:?the source model as it is, from which all begins again|`{strategy}`: cases stay in their folds, and {count} of {folds} folds begin from their own models of then, the others from the source model}</source>
      <translation>Der Job geht von einem früheren aus, der {source:?das Ausgangsmodell behielt, wie es ist, mit dem alle wieder beginnen|`{strategy}` behielt: Die Fälle bleiben in ihren Folds, und {count} von {folds} Folds beginnen mit ihren eigenen Modellen von damals, die anderen mit dem Ausgangsmodell}</translation>
    </message>
    <message>
      <source>{option}: the job that is gone on from has {count} folds, and a case must stay in its fold; leave {option} out.</source>
      <translation>{option}: Der Job, von dem ausgegangen wird, hat {count} Folds, und ein Fall muss in seinem Fold bleiben; lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>The {cases:~image|images} of {cases:~case|cases} {cases:…`} {cases:~has|have} other voxels than in an earlier job; {cases:~it counts|they count} as the same {cases:~case|cases} and {cases:~stays in its fold|stay in their folds}, so that no model scores what it has seen. If that is another patient now, make it a case of its own.</source>
      <translation>{cases:~Das Bild|Die Bilder} {cases:~des Falls|der Fälle} {cases:…`} {cases:~hat|haben} andere Voxel als in einem früheren Auftrag; {cases:~er gilt als derselbe Fall und bleibt in seinem Fold|sie gelten als dieselben Fälle und bleiben in ihren Folds}, so dass kein Modell bewertet, was es gesehen hat. Ist das jetzt ein anderer Patient, legen Sie dafür einen eigenen Fall an.</translation>
    </message>
    <message>
      <source>{path}: its model of fold {fold} was trained on {count:~case|cases} {cases:…`}, which that fold would score: {count:~its score|their scores} would be too good; run that job anew, or leave {option} out.</source>
      <translation>{path}: Sein Modell des Folds {fold} wurde mit {count:~dem Fall|den Fällen} {cases:…`} trainiert, {count:~den|die} dieser Fold bewerten würde: {count:~Die Bewertung wäre|Die Bewertungen wären} zu gut; führen Sie jenen Job von vorn aus, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>{path}: its models have seen {count:~case|cases} {cases:…`}, now of the role {role}: {count:~its score|their scores} would be too good; give {count:~it|them} the role that {count:~it|they} had, run that job anew, or leave {option} out.</source>
      <translation>{path}: Seine Modelle haben {count:~den Fall|die Fälle} {cases:…`} gesehen, jetzt mit der Rolle {role}: {count:~Die Bewertung wäre|Die Bewertungen wären} zu gut; geben Sie {count:~ihm|ihnen} die frühere Rolle, führen Sie jenen Job von vorn aus, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>the source model's own cases are not given, and digital heads cannot stand for them: these have {labels:…`} in one image ({modalities:…}), and the source model `{model}` has {theirs:…`} in {channels:…} ({modality}); give {option}, or choose another strategy.</source>
      <translation>die eigenen Fälle des Ausgangsmodells sind nicht angegeben, und digitale Köpfe können nicht dafür stehen: Diese haben {labels:…`} in einem Bild ({modalities:…}), und das Ausgangsmodell `{model}` hat {theirs:…`} in {channels:…} ({modality}); geben Sie {option} an, oder wählen Sie eine andere Strategie.</translation>
    </message>
    <message>
      <source>case `{case}`: memory of this computer ran out while it was prepared or read; close other programs, then `{command}`, or start a new job without this case.</source>
      <translation>Fall `{case}`: Der Arbeitsspeicher reichte nicht, als er vorbereitet oder gelesen wurde; schließen Sie andere Programme, dann `{command}`, oder starten Sie einen neuen Job ohne diesen Fall.</translation>
    </message>
    <message>
      <source>case `{case}`: {path} cannot be read ({reason}); put it back, then resume the job.</source>
      <translation>Fall `{case}`: {path} kann nicht gelesen werden ({reason}); legen Sie es zurück, und setzen Sie den Job dann fort.</translation>
    </message>
    <message>
      <source>learning rate {rate:g} is no choice for `{strategy}` ({reason})</source>
      <translation>die Lernrate {rate:g} steht für `{strategy}` nicht zur Wahl ({reason})</translation>
    </message>
    <message>
      <source>The rounds begin anew in {precision}: {count} of their trainings {count:~was|were} computed in another precision, and scores are compared in one alone</source>
      <translation>Die Runden beginnen neu in {precision}: {count} ihrer Trainings {count:~wurde|wurden} mit anderer Genauigkeit gerechnet, und Bewertungen werden nur in einer verglichen</translation>
    </message>
    <message>
      <source>{path}: has no results yet; let the job finish (`{command}` says how far it is).</source>
      <translation>{path}: hat noch keine Ergebnisse; lassen Sie den Job zu Ende laufen (`{command}` sagt, wie weit er ist).</translation>
    </message>
    <message>
      <source>`{strategy}` is left out of the comparison ({reason})</source>
      <translation>`{strategy}` bleibt im Vergleich weg ({reason})</translation>
    </message>
    <message>
      <source>Of the {all:,} {epochs:?epochs|steps} {given:?that were given|of a training in full}, each training of the first round takes {first:,}, and each of the second {is_all:?all|{second:,}}{is_open:?, or all where the first show that the source model does not cope|}</source>
      <translation>Von den {all:,} {epochs:?Epochen|Schritten}{given:?, die gegeben wurden,| eines ganzen Trainings} macht jedes Training der ersten Runde {first:,} und jedes der zweiten {is_all:?alle|{second:,}}{is_open:?, oder alle, wo die ersten zeigen, dass das Ausgangsmodell nicht zurechtkommt|}</translation>
    </message>
    <message>
      <source>{minutes:g} {minutes:~minute is|minutes are} too few to try all ways of training on this computer: {strategies:…`} {strategies:~is|are} left out; give more minutes to have {strategies:~it|them} tried</source>
      <translation>{minutes:g} {minutes:~Minute ist|Minuten sind} zu wenig, um auf diesem Computer alle Arten des Trainings auszuprobieren: {strategies:…`} {strategies:~entfällt|entfallen}; geben Sie mehr Minuten, damit {strategies:~es ausprobiert wird|sie ausprobiert werden}</translation>
    </message>
    <message>
      <source>{option} changes nothing, because there is no time to try {strategies:…`}; give more minutes</source>
      <translation>{option} ändert nichts, weil die Zeit nicht reicht, {strategies:…`} auszuprobieren; geben Sie mehr Minuten</translation>
    </message>
    <message>
      <source>{path}: has other models than when this job began from them; put that job back as it was, or start a new job.</source>
      <translation>{path}: hat andere Modelle als damals, als dieser Job mit ihnen begann; stellen Sie jenen Job wieder her, wie er war, oder starten Sie einen neuen.</translation>
    </message>
    <message>
      <source>Checking the cases</source>
      <translation>Die Fälle werden geprüft</translation>
    </message>
    <message>
      <source>{seen} of {count} annotated cases {seen:~was|were} in the training of the source model and {seen:~has|have} no say in what is chosen by scores{none:?, so that the folds choose nothing{rates:? but a learning rate|}|}</source>
      <translation>{seen} von {count} annotierten Fällen {seen:~war|waren} im Training des Ausgangsmodells und {seen:~hat|haben} nichts mitzureden bei dem, was nach Bewertungen gewählt wird{none:?, sodass die Folds nichts{rates:? als eine Lernrate|} wählen|}</translation>
    </message>
    <message>
      <source>Every training takes all of its steps: folds choose how many only with at least {least} annotated cases in two folds or more, with none to validate on, with one learning rate, with weights of a source model whose share the job chooses, and with a strategy that is named</source>
      <translation>Jedes Training macht alle seine Schritte: Wie viele es sein sollen, wählen Folds nur mit mindestens {least} annotierten Fällen in mindestens zwei Folds, ohne Validierungsfälle, mit einer einzigen Lernrate, mit Gewichten eines Ausgangsmodells, deren Anteil der Job wählt, und mit einer genannten Strategie</translation>
    </message>
    <message>
      <source>Preparing the cases</source>
      <translation>Die Fälle werden vorbereitet</translation>
    </message>
    <message>
      <source>case {number} of {count}</source>
      <translation>Fall {number} von {count}</translation>
    </message>
    <message>
      <source>Every strategy segments in windows of {size} voxels, in {precision}</source>
      <translation>Jede Strategie segmentiert in Fenstern von {size} Voxeln, in {precision}</translation>
    </message>
    <message>
      <source>Measuring how the networks are trained fastest</source>
      <translation>Es wird gemessen, wie die Netze am schnellsten trainiert werden</translation>
    </message>
    <message>
      <source>Every strategy, the source model as it is too, prepares images and segments as all models do here, not as nnU-Net does; `{command}` with the source model does as nnU-Net, so it may find something else</source>
      <translation>Jede Strategie, auch das unveränderte Ausgangsmodell, bereitet Bilder so vor und segmentiert so wie alle Modelle hier, nicht wie nnU-Net; `{command}` mit dem Ausgangsmodell tut es wie nnU-Net und findet daher vielleicht anderes</translation>
    </message>
    <message>
      <source>Every strategy, the source model as it is too, sees images with the axes right, anterior, superior{slices:?, thick slices across the last one|}; `{command}` with the source model shows it the axes of the file, which are others in {count} {count:~case|cases}, so it may find something else there</source>
      <translation>Jede Strategie, auch das Ausgangsmodell, wie es ist, sieht Bilder mit den Achsen rechts, anterior, superior{slices:?, dicke Schichten quer zur letzten|}; `{command}` mit dem Ausgangsmodell zeigt ihm die Achsen der Datei, die in {count} {count:~Fall|Fällen} andere sind, also kann es dort etwas anderes finden</translation>
    </message>
    <message>
      <source>strategy `{strategy}`: a name is small letters, digits and `-`; correct it.</source>
      <translation>Strategie `{strategy}`: Ein Name besteht aus kleinen Buchstaben, Ziffern und `-`; berichtigen Sie ihn.</translation>
    </message>
    <message>
      <source>strategy `{strategy}`: option `{option}` is not of the form name=value; write it like conservative:layers=6.</source>
      <translation>Strategie `{strategy}`: Die Option `{option}` hat nicht die Form Name=Wert; schreiben Sie sie wie conservative:layers=6.</translation>
    </message>
    <message>
      <source>strategy `{strategy}`: `{part}` is not of the form name=value, or is given twice; write it like conservative:layers=6.</source>
      <translation>Strategie `{strategy}`: `{part}` hat nicht die Form Name=Wert, oder steht zweimal da; schreiben Sie es wie conservative:layers=6.</translation>
    </message>
    <message>
      <source>field `format`: {found} is not {known}, the newest known; update TransferSeg.</source>
      <translation>Feld `format`: {found} ist nicht {known}, das neueste bekannte; aktualisieren Sie TransferSeg.</translation>
    </message>
    <message>
      <source>field `title`: has control characters; give a title of one line.</source>
      <translation>Feld `title`: hat Steuerzeichen; geben Sie einen Titel von einer Zeile an.</translation>
    </message>
    <message>
      <source>field `task`: `{kind}` teaches segmentation; `{task}` is for `pretrain`.</source>
      <translation>Feld `task`: `{kind}` lehrt Segmentieren; `{task}` ist für `pretrain`.</translation>
    </message>
    <message>
      <source>field `validation`: {count} cases cannot be; give 1 or more, or leave it out.</source>
      <translation>Feld `validation`: {count} Fälle gehen nicht; geben Sie 1 oder mehr an, oder lassen Sie es weg.</translation>
    </message>
    <message>
      <source>field `validation`: nothing is segmented in {task}, so there is nothing to validate; leave it out.</source>
      <translation>Feld `validation`: In {task} wird nichts segmentiert, also gibt es nichts zu validieren; lassen Sie es weg.</translation>
    </message>
    <message>
      <source>field `preprocessing`: `{kind}` prepares images as the source model does; leave it out.</source>
      <translation>Feld `preprocessing`: `{kind}` bereitet Bilder vor wie das Ausgangsmodell; lassen Sie es weg.</translation>
    </message>
    <message>
      <source>field `folds`: nothing is segmented in {task}, so there are no folds; leave it out.</source>
      <translation>Feld `folds`: In {task} wird nichts segmentiert, also gibt es keine Folds; lassen Sie es weg.</translation>
    </message>
    <message>
      <source>field `lesions`: needs the name of a label in `lesions`, and a job that segments (its task is {task}); correct the job.</source>
      <translation>Feld `lesions`: braucht den Namen eines Labels in `lesions`, und einen Job, der segmentiert (seine Aufgabe ist {task}); berichtigen Sie den Job.</translation>
    </message>
    <message>
      <source>field `folds`: {folds} cannot be; give 2 or more, or 0 for the final model without cross-validation.</source>
      <translation>Feld `folds`: {folds} geht nicht; geben Sie 2 oder mehr an, oder 0 für das endgültige Modell ohne Kreuzvalidierung.</translation>
    </message>
    <message>
      <source>field `label_map`: `{label}` must go to a source label's name, a list of names, "new" or null; correct it.</source>
      <translation>Feld `label_map`: `{label}` muss zum Namen eines Labels des Ausgangsmodells gehen, zu einer Liste von Namen, zu "new" oder zu null; berichtigen Sie es.</translation>
    </message>
    <message>
      <source>field `{field}`: `{path}` is not an absolute path; give the whole path.</source>
      <translation>Feld `{field}`: `{path}` ist kein absoluter Pfad; geben Sie den ganzen Pfad an.</translation>
    </message>
    <message>
      <source>field `parent`: `{kind}` begins from nothing, so it goes on from no job; leave it out.</source>
      <translation>Feld `parent`: `{kind}` beginnt mit nichts, geht also von keinem Job aus; lassen Sie es weg.</translation>
    </message>
    <message>
      <source>field `network`: `pretrain` needs a network and no source model; correct the job.</source>
      <translation>Feld `network`: `pretrain` braucht ein Netz und kein Ausgangsmodell; berichtigen Sie den Job.</translation>
    </message>
    <message>
      <source>field `source`: `{kind}` needs a source model and no network; correct the job.</source>
      <translation>Feld `source`: `{kind}` braucht ein Ausgangsmodell und kein Netz; berichtigen Sie den Job.</translation>
    </message>
    <message>
      <source>field `strategies`: the list is empty; give at least one strategy.</source>
      <translation>Feld `strategies`: Die Liste ist leer; geben Sie mindestens eine Strategie an.</translation>
    </message>
    <message>
      <source>field `strategies`: {reason}.</source>
      <translation>Feld `strategies`: {reason}.</translation>
    </message>
    <message>
      <source>field `strategies`: `{strategy}` is there twice; name each strategy once.</source>
      <translation>Feld `strategies`: `{strategy}` steht zweimal da; nennen Sie jede Strategie einmal.</translation>
    </message>
    <message>
      <source>field `training`: `{strategy}` trains with scans without their labels, those of the cases that a fold leaves out among them; give {option} to allow it.</source>
      <translation>Feld `training`: `{strategy}` trainiert mit Aufnahmen ohne ihre Labels, darunter die der Fälle, die ein Fold weglässt; geben Sie {option} an, um das zu erlauben.</translation>
    </message>
    <message>
      <source>field `keep`: `{strategy}` is none of the job's strategies; name one of them, `best` or `auto`.</source>
      <translation>Feld `keep`: `{strategy}` ist keine Strategie des Jobs; nennen Sie eine davon, `best` oder `auto`.</translation>
    </message>
    <message>
      <source>field `strategies`: `pretrain` has the one strategy `scratch`; correct the job.</source>
      <translation>Feld `strategies`: `pretrain` hat die eine Strategie `scratch`; berichtigen Sie den Job.</translation>
    </message>
    <message>
      <source>field `strategies`: `adapt` has the strategy in `keep`, after `direct`; for others use `compare`.</source>
      <translation>Feld `strategies`: `adapt` hat die Strategie aus `keep`, nach `direct`; für andere nehmen Sie `compare`.</translation>
    </message>
    <message>
      <source>field `keep`: `{strategy}` is for `adapt`, not for `{kind}`; correct the job.</source>
      <translation>Feld `keep`: `{strategy}` ist für `adapt`, nicht für `{kind}`; berichtigen Sie den Job.</translation>
    </message>
    <message>
      <source>{option}: of several learning rates one is chosen for a strategy that you name; give a single one, or none, with the strategy `{strategy}`.</source>
      <translation>{option}: Von mehreren Lernraten wird eine für eine Strategie gewählt, die Sie nennen; geben Sie mit der Strategie `{strategy}` eine einzige an, oder keine.</translation>
    </message>
    <message>
      <source>{option}: has no effect with the strategy `{strategy}`, which tries several; leave it out, or name a strategy.</source>
      <translation>{option}: wirkt nicht mit der Strategie `{strategy}`, die mehrere probiert; lassen Sie es weg, oder nennen Sie eine Strategie.</translation>
    </message>
    <message>
      <source>{path}: not a job folder (it has no {file}); check the path.</source>
      <translation>{path}: kein Ordner eines Jobs (er hat kein {file}); prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{root}: has other cases than when the job began ({changes}); put them back as they were to go on, or start a new job with the cases of now.</source>
      <translation>{root}: hat andere Fälle als zu Beginn des Jobs ({changes}); stellen Sie sie wieder her, um fortzufahren, oder starten Sie einen neuen Job mit den jetzigen Fällen.</translation>
    </message>
    <message>
      <source>new</source>
      <translation>neu</translation>
    </message>
    <message>
      <source>gone</source>
      <translation>verschwunden</translation>
    </message>
    <message>
      <source>now annotated</source>
      <translation>jetzt annotiert</translation>
    </message>
    <message>
      <source>now a case to validate on</source>
      <translation>jetzt ein Validierungsfall</translation>
    </message>
    <message>
      <source>now a test case</source>
      <translation>jetzt ein Testfall</translation>
    </message>
    <message>
      <source>now unlabelled</source>
      <translation>jetzt ohne Labels</translation>
    </message>
    <message>
      <source>now with other voxels</source>
      <translation>jetzt mit anderen Voxeln</translation>
    </message>
    <message>
      <source>Not started yet; start it by `{command}`.</source>
      <translation>Noch nicht gestartet; starten Sie es mit `{command}`.</translation>
    </message>
    <message>
      <source>Running.</source>
      <translation>Läuft.</translation>
    </message>
    <message>
      <source>Done.</source>
      <translation>Fertig.</translation>
    </message>
    <message>
      <source>Failed; see worker.log, then `{command}`.</source>
      <translation>Fehlgeschlagen; siehe worker.log, dann `{command}`.</translation>
    </message>
    <message>
      <source>Cancelled; go on with it by `{command}`.</source>
      <translation>Abgebrochen; setzen Sie mit `{command}` fort.</translation>
    </message>
    <message>
      <source>The job's process ended without a message; go on where it stopped by `{command}`.</source>
      <translation>Der Prozess des Jobs endete ohne eine Nachricht; setzen Sie mit `{command}` dort fort, wo er stehen blieb.</translation>
    </message>
    <message>
      <source>{option} {root}: no case has a segmentation to validate on; annotate at least one.</source>
      <translation>{option} {root}: Kein Fall hat eine Segmentierung zum Validieren; annotieren Sie mindestens einen.</translation>
    </message>
    <message>
      <source>{option}: {root} has {count} annotated {count:~case|cases}, and one at least must be left to train on; choose fewer.</source>
      <translation>{option}: {root} hat {count} {count:~annotierten Fall|annotierte Fälle}, und mindestens einer muss zum Trainieren bleiben; wählen Sie weniger.</translation>
    </message>
    <message>
      <source>{strategy}, final model</source>
      <translation>{strategy}, endgültiges Modell</translation>
    </message>
    <message>
      <source>round {round}: {strategy}, fold {fold}</source>
      <translation>Runde {round}: {strategy}, Fold {fold}</translation>
    </message>
    <message>
      <source>{strategy}, fold {fold}</source>
      <translation>{strategy}, Fold {fold}</translation>
    </message>
    <message>
      <source>{unit}: {reason}; start again with a lower {option} than {rate:g}.</source>
      <translation>{unit}: {reason}; starten Sie noch einmal mit einer kleineren {option} als {rate:g}.</translation>
    </message>
    <message>
      <source>Segmenting: {unit}</source>
      <translation>Segmentieren: {unit}</translation>
    </message>
    <message>
      <source>Averaging the models of the folds</source>
      <translation>Die Modelle der Folds werden gemittelt</translation>
    </message>
    <message>
      <source>case `{case}`: memory of this computer ran out while its segmentation was written or scored; close other programs, then `{command}`, or start a new job without this case.</source>
      <translation>Fall `{case}`: Der Arbeitsspeicher reichte nicht, als seine Segmentierung geschrieben oder bewertet wurde; schließen Sie andere Programme, dann `{command}`, oder starten Sie einen neuen Job ohne diesen Fall.</translation>
    </message>
    <message>
      <source>{unit}, case {number} of {count}</source>
      <translation>{unit}, Fall {number} von {count}</translation>
    </message>
    <message>
      <source>case `{case}`: memory of this computer ran out while it was segmented, even with small windows; close other programs, then `{command}`, or start a new job without this case.</source>
      <translation>Fall `{case}`: Der Arbeitsspeicher reichte nicht, als er segmentiert wurde, auch nicht mit kleinen Fenstern; schließen Sie andere Programme, dann `{command}`, oder starten Sie einen neuen Job ohne diesen Fall.</translation>
    </message>
    <message>
      <source>Training: {unit}</source>
      <translation>Training: {unit}</translation>
    </message>
    <message>
      <source>Every slice that was looked at holds the same labels, so there is nothing to tell apart and the encoder learns next to nothing; choose smaller patches or another task</source>
      <translation>In jeder Schicht, die angesehen wurde, sind dieselben Labels, also gibt es nichts zu unterscheiden, und der Encoder lernt fast nichts; wählen Sie kleinere Ausschnitte oder eine andere Aufgabe</translation>
    </message>
    <message>
      <source>{unit}: {reason} in {precision}, which is less exact: the training begins again in float32</source>
      <translation>{unit}: {reason} in {precision}, was weniger genau ist: Das Training beginnt neu in float32</translation>
    </message>
    <message>
      <source>Memory ran out: going on with batch {batch} and patches of {size} voxels</source>
      <translation>Der Speicher reichte nicht: Weiter geht es mit Batch {batch} und Ausschnitten von {size} Voxeln</translation>
    </message>
    <message>
      <source>memory of {gpu:?the GPU|this computer} ran out even with one small patch at a time; close other programs{gpu:? or choose {option}|}, then `{command}`.</source>
      <translation>der Speicher {gpu:?der Grafikkarte|dieses Computers} reichte nicht, auch nicht mit einem kleinen Ausschnitt auf einmal; schließen Sie andere Programme{gpu:?, oder wählen Sie {option}|}, dann `{command}`.</translation>
    </message>
    <message>
      <source>{unit}, step {step} of {steps}</source>
      <translation>{unit}, Schritt {step} von {steps}</translation>
    </message>
    <message>
      <source>{unit}: what it finds after {percent} % of its steps was not measured ({memory:?memory ran out|its output was not finite}), so every model of the strategy takes all of its steps</source>
      <translation>{unit}: Was es nach {percent} % seiner Schritte findet, wurde nicht gemessen ({memory:?der Speicher reichte nicht|seine Ausgabe war nicht endlich}), also macht jedes Modell der Strategie alle seine Schritte</translation>
    </message>
    <message>
      <source>{path}: memory of this computer ran out; close other programs, then `{command}`.</source>
      <translation>{path}: Der Arbeitsspeicher reichte nicht; schließen Sie andere Programme, dann `{command}`.</translation>
    </message>
    <message>
      <source>{path}: the job failed ({kind}: {reason}); the details are in {log}, `{command}` goes on with it.</source>
      <translation>{path}: Der Job schlug fehl ({kind}: {reason}); Einzelheiten stehen in {log}, `{command}` setzt ihn fort.</translation>
    </message>
    <message>
      <source>Reading the cases</source>
      <translation>Die Fälle werden gelesen</translation>
    </message>
    <message>
      <source>{path}: there is no case `{case}`; it has {known:…`}.</source>
      <translation>{path}: Es gibt keinen Fall `{case}`; es hat {known:…`}.</translation>
    </message>
    <message>
      <source>{path}: is not there; {given:?check the path|give the segmentation by {option}}.</source>
      <translation>{path}: ist nicht da; {given:?prüfen Sie den Pfad|geben Sie die Segmentierung mit {option} an}.</translation>
    </message>
    <message>
      <source>{path}: is not one file with a segmentation (.nii.gz, .nrrd, .seg.nrrd, .mha); save it as one.</source>
      <translation>{path}: ist nicht eine Datei mit einer Segmentierung (.nii.gz, .nrrd, .seg.nrrd, .mha); speichern Sie sie als eine.</translation>
    </message>
    <message>
      <source>{path}: is not on the grid of the scan {image}; resample it to that, or segment that scan.</source>
      <translation>{path}: liegt nicht auf dem Gitter der Aufnahme {image}; tasten Sie sie darauf um, oder segmentieren Sie jene Aufnahme.</translation>
    </message>
    <message>
      <source>{path}: has the {strange:~value|values} {strange:…}, which {labels} does not name; add {strange:~it|them} there, or correct the segmentation.</source>
      <translation>{path}: hat {strange:~den Wert|die Werte} {strange:…}, {strange:~den|die} {labels} nicht nennt; fügen Sie {strange:~ihn|sie} dort hinzu, oder berichtigen Sie die Segmentierung.</translation>
    </message>
    <message>
      <source>{path}: is the prediction of case `{case}`, voxel for voxel, and not fresh; draw it, or leave {option} out.</source>
      <translation>{path}: ist Voxel für Voxel die Vorhersage des Falls `{case}` und nicht neu gezeichnet; zeichnen Sie sie, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>Case `{name}`: the prediction was accepted as it is, without a change; look at it once more if you did not mean to.</source>
      <translation>Fall `{name}`: Die Vorhersage wurde angenommen, wie sie ist, ohne eine Änderung; sehen Sie noch einmal hin, wenn das nicht gemeint war.</translation>
    </message>
    <message>
      <source>Case `{name}` was annotated before: the new segmentation counts from the next round on.</source>
      <translation>Der Fall `{name}` war schon annotiert: Die neue Segmentierung gilt ab der nächsten Runde.</translation>
    </message>
    <message>
      <source>Case `{name}`: no voxel of {path} has a label, so the case counts as one in which there is nothing of {known:…`}; if it is not finished, accept the finished one by {option}.</source>
      <translation>Fall `{name}`: Kein Voxel von {path} hat ein Label, also zählt der Fall als einer, in dem es nichts von {known:…`} gibt; wenn sie nicht fertig ist, nehmen Sie die fertige mit {option} an.</translation>
    </message>
    <message>
      <source>Case `{name}`: {absent:…`} {absent:~is|are} not drawn and {absent:~counts|count} as not there; if nobody looked for {absent:~it|them}, accept it again with {option} and {absent:~its name|their names}.</source>
      <translation>Fall `{name}`: {absent:…`} {absent:~ist|sind} nicht gezeichnet und {absent:~gilt|gelten} als nicht vorhanden; hat niemand danach gesucht, nehmen Sie ihn noch einmal an, mit {option} und {absent:~dem Namen|den Namen}.</translation>
    </message>
    <message>
      <source>{option}: the labels of {path} are regions, which overlap, and must all be annotated; draw them, or accept a case in which all are.</source>
      <translation>{option}: Die Labels von {path} sind Regionen, die sich überlappen, und müssen alle annotiert sein; zeichnen Sie sie, oder nehmen Sie einen Fall an, in dem alle annotiert sind.</translation>
    </message>
    <message>
      <source>{option}: {path} names no {strange:~label|labels} {strange:…`}; it has {known:…`}.</source>
      <translation>{option}: {path} nennt {strange:~kein Label|keine Labels} {strange:…`}; es hat {known:…`}.</translation>
    </message>
    <message>
      <source>Case `{name}`: what was declared before still holds: {lacks:?{lacks:…`} {lacks:~is|are} not annotated in it (say which are not by {option}; without a label after it, all are)|}{both:?, and |}{some:?only the slices {slices} are annotated (take that out of {path} if all are now)|}.</source>
      <translation>Fall `{name}`: Was vorher angegeben wurde, gilt weiter: {lacks:?{lacks:…`} {lacks:~ist|sind} darin nicht annotiert (welche es nicht sind, sagt {option}; ohne ein Label danach sind es alle)|}{both:?, und |}{some:?nur die Schichten {slices} sind annotiert (nehmen Sie das aus {path} heraus, wenn es jetzt alle sind)|}.</translation>
    </message>
    <message>
      <source>{path}: names the values of {file} {theirs:…}, where those of {labels} are {ours:…}; save the segmentation with these values, or move the list away if it is not of this file.</source>
      <translation>{path}: nennt die Werte von {file} {theirs:…}, wo die von {labels} {ours:…} sind; die Segmentierung mit diesen Werten speichern oder die Liste wegräumen, wenn sie nicht zu dieser Datei gehört.</translation>
    </message>
    <message>
      <source>{path}: has the {strange:~segment|segments} {strange:…`}, which {labels} does not name; it has {known:…`}. Rename {strange:~it|them}, or add {strange:~it|them} there.</source>
      <translation>{path}: hat {strange:~das Segment|die Segmente} {strange:…`}, {strange:~das|die} {labels} nicht nennt; dort stehen {known:…`}. Benennen Sie {strange:~es|sie} um, oder fügen Sie {strange:~es|sie} dort hinzu.</translation>
    </message>
    <message>
      <source>{path}: is not empty; choose a new or an empty folder for the loop.</source>
      <translation>{path}: ist nicht leer; wählen Sie einen neuen oder einen leeren Ordner für die Schleife.</translation>
    </message>
    <message>
      <source>`{model}`: was trained for {task} and segments nothing, so no loop can begin from it; choose a model that segments.</source>
      <translation>`{model}`: wurde für {task} trainiert und segmentiert nichts, also kann keine Schleife damit beginnen; wählen Sie ein Modell, das segmentiert.</translation>
    </message>
    <message>
      <source>{path}: its regions are painted in an order of their own (`regions_class_order`), which a loop does not keep; give a data set in which the larger region is painted first.</source>
      <translation>{path}: Seine Regionen werden in einer eigenen Reihenfolge gemalt (`regions_class_order`), die eine Schleife nicht behält; geben Sie einen Datensatz an, in dem die größere Region zuerst gemalt wird.</translation>
    </message>
    <message>
      <source>{option}: nothing says yet what the values of your labels are called; write it into {path}, like {{"1": "liver"}}, or give annotated cases by {target}.</source>
      <translation>{option}: Noch steht nirgends, wie die Werte Ihrer Labels heißen; schreiben Sie es in {path}, etwa {{"1": "liver"}}, oder geben Sie annotierte Fälle mit {target} an.</translation>
    </message>
    <message>
      <source>The source model `{model}` has no {new:~label|labels} {new:…`}; it has {known:…`}. {new:~It is|They are} learned anew from what you annotate, and no prediction is written before the first round. If only the {new:~name is another|names are others}, begin another loop with {option}, or give the model's in {path}.</source>
      <translation>Das Ausgangsmodell `{model}` hat {new:~das Label|die Labels} {new:…`} nicht; es hat {known:…`}. {new:~Es wird|Sie werden} aus dem, was Sie annotieren, neu gelernt, und vor der ersten Runde wird keine Vorhersage geschrieben. Wenn nur {new:~der Name ein anderer ist|die Namen andere sind}, beginnen Sie eine neue Schleife mit {option}, oder schreiben Sie die des Modells in {path}.</translation>
    </message>
    <message>
      <source>{path}: its {both:~case|cases} {both:…`} {both:~is|are} called like {both:~a scan|scans} in {images}, and {both:~has another image|have other images}; rename {both:~it|them} in one of the two.</source>
      <translation>{path}: {both:~Der Fall|Die Fälle} {both:…`} {both:~heißt|heißen} wie {both:~eine Aufnahme|Aufnahmen} in {images}, {both:~hat|haben} aber {both:~ein anderes Bild|andere Bilder}; benennen Sie {both:~ihn|sie} an einer der beiden Stellen um.</translation>
    </message>
    <message>
      <source>Drawn at random, for all rounds to be compared on: annotate it without a prediction in sight.</source>
      <translation>Zufällig gezogen, damit alle Runden daran verglichen werden: Annotieren Sie ihn, ohne eine Vorhersage zu sehen.</translation>
    </message>
    <message>
      <source>Every scan is annotated: add scans to {path}, or go on with `{command}`.</source>
      <translation>Jede Aufnahme ist annotiert: Fügen Sie {path} Aufnahmen hinzu, oder machen Sie mit `{command}` weiter.</translation>
    </message>
    <message>
      <source>{path}: every scan is annotated; add scans without a segmentation.</source>
      <translation>{path}: Jede Aufnahme ist annotiert; fügen Sie Aufnahmen ohne Segmentierung hinzu.</translation>
    </message>
    <message>
      <source>Of {count} scans without annotation {looked} were drawn at random and looked at.</source>
      <translation>Von {count} Aufnahmen ohne Annotation wurden {looked} zufällig gezogen und angesehen.</translation>
    </message>
    <message>
      <source>The model by now does not segment {labels:…`}, so there is no prediction to correct, and the scans are chosen to spread; annotate some, and adapt.</source>
      <translation>Das jetzige Modell segmentiert {labels:…`} nicht, also gibt es keine Vorhersage zum Korrigieren, und die Aufnahmen werden nach Streuung gewählt; annotieren Sie einige, und passen Sie an.</translation>
    </message>
    <message>
      <source>Case `{name}` was left out: {memory:?memory ran out|the model gives values that are not finite}.</source>
      <translation>Der Fall `{name}` blieb weg: {memory:?Der Speicher reichte nicht|Das Modell gibt Werte aus, die nicht endlich sind}.</translation>
    </message>
    <message>
      <source>Case `{name}` was left out: {reason}.</source>
      <translation>Der Fall `{name}` blieb weg: {reason}.</translation>
    </message>
    <message>
      <source>Somebody has begun to correct it: finish it, and accept it by `{command}`.</source>
      <translation>Jemand hat begonnen, ihn zu korrigieren: Beenden Sie das, und nehmen Sie ihn mit `{command}` an.</translation>
    </message>
    <message>
      <source>Case `{name}`: {path} is the very file that was accepted for case `{other}`; accept the segmentation of this scan instead, unless both are one scan.</source>
      <translation>Fall `{name}`: {path} ist genau die Datei, die für den Fall `{other}` angenommen wurde; nehmen Sie stattdessen die Segmentierung dieser Aufnahme an, es sei denn, beide sind dieselbe Aufnahme.</translation>
    </message>
    <message>
      <source>Case `{name}`: the labels of {path} fit the scan {times:.1f} times as well {mirrored:?mirrored {axis}|moved by {mm:g} mm {axis}}; look at both together: it may be of another scan, or its voxels may be mirrored or moved. If it is right, leave it.</source>
      <translation>Fall `{name}`: Die Labels von {path} passen {times:.1f}-mal so gut zur Aufnahme, wenn sie {axis} {mirrored:?gespiegelt|um {mm:g} mm verschoben} werden; sehen Sie sich beide zusammen an: Die Segmentierung ist vielleicht von einer anderen Aufnahme, oder ihre Voxel sind gespiegelt oder verschoben. Ist sie richtig, so lassen Sie sie.</translation>
    </message>
    <message>
      <source>The rounds are compared on {count} {count:~case|cases} alone, because no more could be drawn before the first round; a difference between rounds may be chance.</source>
      <translation>Die Runden werden nur an {count} {count:~Fall|Fällen} verglichen, weil vor der ersten Runde nicht mehr gezogen werden konnten; ein Unterschied zwischen Runden kann Zufall sein.</translation>
    </message>
    <message>
      <source>{count} of the {wanted} cases that the rounds are compared on {count:~is|are} drawn: there were no more scans without an annotation or a prediction. Add scans to {path}, and `{command}` draws the others.</source>
      <translation>{count} von {wanted} Fällen, an denen die Runden verglichen werden, {count:~ist|sind} gezogen: Es gab nicht mehr Aufnahmen ohne Annotation oder Vorhersage. Fügen Sie Aufnahmen zu {path} hinzu, und `{command}` zieht die übrigen.</translation>
    </message>
    <message>
      <source>case `{case}`: is annotated, so rounds learn from it; accept another segmentation, or leave it.</source>
      <translation>Fall `{case}`: ist annotiert, also lernen Runden von ihm; nehmen Sie eine andere Segmentierung an, oder lassen Sie ihn.</translation>
    </message>
    <message>
      <source>case `{case}`: there is no such scan in {path}; check the name.</source>
      <translation>Fall `{case}`: Diese Aufnahme gibt es nicht in {path}; prüfen Sie den Namen.</translation>
    </message>
    <message>
      <source>the annotation of case `{case}` names no file in `labels` with its digest; correct it.</source>
      <translation>die Annotation des Falls `{case}` nennt keine Datei in `labels` mit ihrer Prüfsumme; berichtigen Sie sie.</translation>
    </message>
    <message>
      <source>field `annotations`: case `{case}` is there twice; correct it.</source>
      <translation>Feld `annotations`: Der Fall `{case}` steht zweimal da; berichtigen Sie es.</translation>
    </message>
    <message>
      <source>{path}: not the folder of a loop (it has no {file}); check the path, or begin one by `{command}`.</source>
      <translation>{path}: kein Ordner einer Schleife (er hat kein {file}); prüfen Sie den Pfad, oder beginnen Sie eine mit `{command}`.</translation>
    </message>
    <message>
      <source>{path}: is a link, and a loop would write through it; put the folder itself there.</source>
      <translation>{path}: ist ein Link, und eine Schleife würde durch ihn hindurch schreiben; legen Sie den Ordner selbst dorthin.</translation>
    </message>
    <message>
      <source>{path}: another command changes this loop; try again when it has ended.</source>
      <translation>{path}: Ein anderer Befehl ändert diese Schleife; versuchen Sie es wieder, wenn er fertig ist.</translation>
    </message>
    <message>
      <source>{path}: is not there or empty; write there what the values of your segmentations are called, like {{"1": "liver"}}.</source>
      <translation>{path}: ist nicht da oder leer; schreiben Sie hinein, wie die Werte Ihrer Segmentierungen heißen, etwa {{"1": "liver"}}.</translation>
    </message>
    <message>
      <source>{path}: has other weights than when the loop began; put them back, or begin a new loop.</source>
      <translation>{path}: hat andere Gewichte als zu Beginn der Schleife; legen Sie sie zurück, oder beginnen Sie eine neue.</translation>
    </message>
    <message>
      <source>{path}: is not the segmentation that was accepted for case `{case}`; put it back, or accept the new one by `{command}`.</source>
      <translation>{path}: ist nicht die Segmentierung, die für den Fall `{case}` angenommen wurde; legen Sie sie zurück, oder nehmen Sie die neue mit `{command}` an.</translation>
    </message>
    <message>
      <source>{path}: cannot be written ({reason}); make room or the folder writable, and try again.</source>
      <translation>{path}: kann nicht geschrieben werden ({reason}); schaffen Sie Platz, oder machen Sie den Ordner beschreibbar, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{count} {count:~scan has a segmentation|scans have segmentations} beside {count:~it|them} ({names:…`}), which {count:~is|are} not taken along: the {count:~case counts|cases count} as not annotated. To have {count:~it|them} from the beginning, begin another loop with {option}.</source>
      <translation>Neben {count} {count:~Aufnahme liegt eine Segmentierung|Aufnahmen liegen Segmentierungen} ({names:…`}), {count:~die nicht übernommen wird: Der Fall gilt|die nicht übernommen werden: Die Fälle gelten} als nicht annotiert. Um sie von Anfang an dabei zu haben, beginnen Sie einen anderen Loop mit {option}.</translation>
    </message>
    <message>
      <source>strategy `{strategy}` makes another network, from which no later round could go on; choose another one for a loop, or try this one by `{command}`.</source>
      <translation>Die Strategie `{strategy}` macht ein anderes Netz, von dem keine spätere Runde ausgehen könnte; wählen Sie für eine Schleife eine andere, oder versuchen Sie diese mit `{command}`.</translation>
    </message>
    <message>
      <source>{path}: this round has not ended; go on with it by `{command}`, or delete its folder.</source>
      <translation>{path}: Diese Runde ist nicht zu Ende; setzen Sie sie mit `{command}` fort, oder löschen Sie ihren Ordner.</translation>
    </message>
    <message>
      <source>{path}: the {gone:~scan|scans} {gone:…`} {gone:~is|are} not there any more, and annotated; put {gone:~it|them} back.</source>
      <translation>{path}: {gone:~Die Aufnahme|Die Aufnahmen} {gone:…`} {gone:~ist|sind} nicht mehr da, und doch annotiert; legen Sie {gone:~sie|sie} zurück.</translation>
    </message>
    <message>
      <source>{path}: no case is annotated yet that can be trained on; `{command}` says which to begin with.</source>
      <translation>{path}: Noch ist kein Fall annotiert, mit dem trainiert werden kann; `{command}` sagt, mit welchem zu beginnen ist.</translation>
    </message>
    <message>
      <source>{count} of the cases that all rounds share {count:~is|are} not annotated yet ({cases:…`}): begin with {count:~it|them}.</source>
      <translation>{count} der Fälle, die alle Runden teilen, {count:~ist|sind} noch nicht annotiert ({cases:…`}): Beginnen Sie mit {count:~ihm|ihnen}.</translation>
    </message>
    <message>
      <source>No round has ended yet: adapt to the annotated cases.</source>
      <translation>Noch ist keine Runde zu Ende: Passen Sie an die annotierten Fälle an.</translation>
    </message>
    <message>
      <source>Whether another round is worth it cannot be said: a round kept the source model as it is, which no case changes.</source>
      <translation>Ob eine weitere Runde lohnt, lässt sich nicht sagen: Eine Runde behielt das Ausgangsmodell, wie es ist, und das ändert kein Fall.</translation>
    </message>
    <message>
      <source>Whether another round is worth it cannot be said yet: it takes two rounds with different numbers of cases that scored the same cases, by models that did not see them.</source>
      <translation>Ob sich eine weitere Runde lohnt, lässt sich noch nicht sagen: Dazu braucht es zwei Runden mit verschieden vielen Fällen, die dieselben Fälle bewertet haben, mit Modellen, die diese nicht gesehen haben.</translation>
    </message>
    <message>
      <source>Whether another round is worth it cannot be said: on the {count} {count:~case|cases} that the rounds share, the Dice fell from {first:.3f} to {last:.3f} as cases were added; look at the newest annotations.</source>
      <translation>Ob sich eine weitere Runde lohnt, lässt sich nicht sagen: Bei {count} {count:~gemeinsamem Fall|gemeinsamen Fällen} der Runden fiel der Dice von {first:.3f} auf {last:.3f}, während Fälle hinzukamen; sehen Sie sich die neuesten Annotationen an.</translation>
    </message>
    <message>
      <source>Whether another round is worth it cannot be said yet: {more} more annotated cases may bring up to {high:+.3f} Dice, and the {count} {count:~case|cases} that the rounds share are too few to tell.</source>
      <translation>Ob sich eine weitere Runde lohnt, lässt sich noch nicht sagen: {more} weitere annotierte Fälle können bis zu {high:+.3f} Dice bringen, und {count} {count:~gemeinsamer Fall|gemeinsame Fälle} der Runden sind zu wenig dafür.</translation>
    </message>
    <message>
      <source>Another round is {worth:?worth it|hardly worth it}{sure:?|, as far as so few cases tell}: {more} more annotated cases are expected to bring {gain:+.3f} Dice (95 % interval {low:+.3f} to {high:+.3f}){corrected:?. Cases that began as predictions are in this, and their scores may be too good|}{undrawn:?. None of the cases that all rounds share was drawn at random, so they may be easier or harder than your other scans|}.</source>
      <translation>Eine weitere Runde {worth:?lohnt sich|lohnt sich kaum}{sure:?|, soweit so wenige Fälle das sagen}: {more} weitere annotierte Fälle bringen voraussichtlich {gain:+.3f} Dice (95-%-Intervall {low:+.3f} bis {high:+.3f}){corrected:?. Fälle, die als Vorhersagen begannen, sind darin enthalten, und ihre Bewertungen sind vielleicht zu gut|}{undrawn:?. Keiner der Fälle, die alle Runden gemeinsam haben, wurde zufällig gezogen; so sind sie vielleicht leichter oder schwerer als die anderen|}.</translation>
    </message>
    <message>
      <source>{name}: {cases} annotated {cases:~case|cases}, {said}.</source>
      <translation>{name}: {cases} {cases:~annotierter Fall|annotierte Fälle}, {said}.</translation>
    </message>
    <message>
      <source>`{strategy}`, nothing was scored, {minutes:.1f} minutes</source>
      <translation>`{strategy}`, nichts wurde bewertet, {minutes:.1f} Minuten</translation>
    </message>
    <message>
      <source>`{strategy}`, Dice {dice:.3f} on cases that the models did not see{is_shared:?, {shared:.3f} on the shared ones|}, {minutes:.1f} minutes</source>
      <translation>`{strategy}`, Dice {dice:.3f} an Fällen, die die Modelle nicht sahen{is_shared:?, {shared:.3f} an den gemeinsamen|}, {minutes:.1f} Minuten</translation>
    </message>
    <message>
      <source>Against {before}, on the same {count} {count:~case|cases}: {mean:+.3f} Dice{is_sure:? (95 % interval {low:+.3f} to {high:+.3f})|, too few for an interval}{corrected:?; cases that began as predictions are among them, and their scores may be too good|}.</source>
      <translation>Im Vergleich mit {before}, {count:~am selben Fall|an denselben {count} Fällen}: {mean:+.3f} Dice{is_sure:? (95-%-Intervall {low:+.3f} bis {high:+.3f})|, zu wenige für ein Intervall}{corrected:?; darunter sind Fälle, die als Vorhersagen begannen, und deren Bewertungen sind vielleicht zu gut|}.</translation>
    </message>
    <message>
      <source>The annotation of {cases:~case|cases} {cases:…`} was changed between rounds, so the rounds before and after that are not compared on {cases:~it|them}; a further round scores {cases:~it|them} anew, and is compared with the last one on {cases:~it|them}, too.</source>
      <translation>Die Annotation {cases:~des Falls|der Fälle} {cases:…`} wurde zwischen zwei Runden geändert; die Runden davor und danach werden deshalb nicht daran verglichen. Eine weitere Runde bewertet {cases:~ihn|sie} neu und wird auch daran mit der letzten verglichen.</translation>
    </message>
    <message>
      <source>`autofocus` is 0 to 6, `channels` has 8 numbers, and `dilations` begin with {dilation}; given are {autofocus}, {channels} and {first}</source>
      <translation>`autofocus` ist 0 bis 6, `channels` hat 8 Zahlen, und `dilations` beginnt mit {dilation}; gegeben sind {autofocus}, {channels} und {first}</translation>
    </message>
    <message>
      <source>axes `{axes}` are not three of R or L, A or P, S or I, as in RAS or SPL</source>
      <translation>die Achsen `{axes}` sind nicht drei aus R oder L, A oder P, S oder I, wie in RAS oder SPL</translation>
    </message>
    <message>
      <source>network `{name}` would have more than {most:,} layers and weights, which none that can be used has; give it fewer levels, layers or blocks.</source>
      <translation>das Netz `{name}` hätte mehr als {most:,} Schichten und Gewichte, so viele hat kein brauchbares; geben Sie ihm weniger Ebenen, Schichten oder Blöcke.</translation>
    </message>
    <message>
      <source>{option} {value}: `{part}` is not of the form argument=value, or is given twice; write it like monai-unet:channels=16-32-64:num_res_units=2.</source>
      <translation>{option} {value}: `{part}` hat nicht die Form Argument=Wert, oder steht zweimal da; schreiben Sie es wie monai-unet:channels=16-32-64:num_res_units=2.</translation>
    </message>
    <message>
      <source>{option}: PyTorch sees {found} CUDA {found:~device|devices}; choose another, or `cpu`, or install a CUDA build of PyTorch.</source>
      <translation>{option}: PyTorch sieht {found} {found:~CUDA-Gerät|CUDA-Geräte}; wählen Sie ein anderes, oder `cpu`, oder installieren Sie ein PyTorch mit CUDA.</translation>
    </message>
    <message>
      <source>{option}: this machine has no Metal device that PyTorch can use; choose `cpu`.</source>
      <translation>{option}: Dieser Rechner hat kein Metal-Gerät, das PyTorch nutzen kann; wählen Sie `cpu`.</translation>
    </message>
    <message>
      <source>{option}: choose auto, cpu, cuda, cuda:N or mps.</source>
      <translation>{option}: Wählen Sie auto, cpu, cuda, cuda:N oder mps.</translation>
    </message>
    <message>
      <source>fusion `{fusion}` is not one of {fusions}</source>
      <translation>`fusion` ist `{fusion}`, und möglich sind {fusions}</translation>
    </message>
    <message>
      <source>norm `{norm}` is neither `instance` nor `batch`</source>
      <translation>`norm` ist `{norm}`, und möglich sind `instance` und `batch`</translation>
    </message>
    <message>
      <source>`norm` is one of {norms}, `nonlin` one of {activations}</source>
      <translation>`norm` ist eines von {norms}, `nonlin` eines von {activations}</translation>
    </message>
    <message>
      <source>nnU-Net's networks are in a package that is not installed; install it with `{command}`.</source>
      <translation>Die Netze von nnU-Net stecken in einem Paket, das nicht installiert ist; installieren Sie es mit `{command}`.</translation>
    </message>
    <message>
      <source>network `{name}` cannot be built with {arguments}: {reason}.</source>
      <translation>das Netz `{name}` kann mit {arguments} nicht gebaut werden: {reason}.</translation>
    </message>
    <message>
      <source>network `{name}` is not known; known are {known}.</source>
      <translation>das Netz `{name}` ist nicht bekannt; bekannt sind {known}.</translation>
    </message>
    <message>
      <source>it has no argument `{argument}`; known are {known}</source>
      <translation>es hat kein Argument `{argument}`; bekannt sind {known}</translation>
    </message>
    <message>
      <source>its argument `{argument}` is missing; give it</source>
      <translation>sein Argument `{argument}` fehlt; geben Sie es an</translation>
    </message>
    <message>
      <source>argument `{argument}` is not one that it, or the others, can be combined with</source>
      <translation>das Argument `{argument}` passt nicht dazu, oder nicht zu den anderen</translation>
    </message>
    <message>
      <source>its arguments do not go together</source>
      <translation>seine Argumente passen nicht zusammen</translation>
    </message>
    <message>
      <source>`blocks_down` has one level and needs two or more</source>
      <translation>`blocks_down` hat eine Stufe und braucht zwei oder mehr</translation>
    </message>
    <message>
      <source>`resolution` has {count} {count:~number|numbers} and needs three</source>
      <translation>`resolution` hat {count} {count:~Zahl|Zahlen} und braucht drei</translation>
    </message>
    <message>
      <source>plane `{plane}` is not one of {planes}</source>
      <translation>`plane` ist `{plane}`, und möglich sind {planes}</translation>
    </message>
    <message>
      <source>`blocks_up` has {up} {up:~level|levels}, and `blocks_down` with {down} needs {needed}</source>
      <translation>`blocks_up` hat {up} {up:~Stufe|Stufen}, und `blocks_down` mit {down} braucht {needed}</translation>
    </message>
    <message>
      <source>{path}: is a file, and a model is a folder; {beside:?give {parent}|bring it in with `{command}` first, then give the name that this prints}.</source>
      <translation>{path}: ist eine Datei, und ein Modell ist ein Ordner; {beside:?geben Sie {parent} an|nehmen Sie es zuerst mit `{command}` auf, und geben Sie dann den Namen an, den das ausgibt}.</translation>
    </message>
    <message>
      <source>`{name}`: no source model has this name and there is no such folder; nearest are {near}.</source>
      <translation>`{name}`: Kein Ausgangsmodell heißt so, und es gibt keinen solchen Ordner; am nächsten kommen {near}.</translation>
    </message>
    <message>
      <source>`{name}`: no source model has this name and there is no such folder; `{command}` names all, and a job's folder will do.</source>
      <translation>`{name}`: Kein Ausgangsmodell heißt so, und es gibt keinen solchen Ordner; `{command}` nennt alle, und der Ordner eines Jobs geht auch.</translation>
    </message>
    <message>
      <source>`{name}`: no model of your own has this name; `{command}` shows which are yours.</source>
      <translation>`{name}`: Keines Ihrer eigenen Modelle heißt so; `{command}` zeigt, welche Ihre sind.</translation>
    </message>
    <message>
      <source>{path}: has neither a card nor weights, so it is no model and was left alone; delete it by yourself.</source>
      <translation>{path}: hat weder eine Karte noch Gewichte, ist also kein Modell und blieb, wie es ist; löschen Sie es selbst.</translation>
    </message>
    <message>
      <source>{path}: cannot be deleted ({reason}); close what uses it, then try again.</source>
      <translation>{path}: kann nicht gelöscht werden ({reason}); schließen Sie, was es benutzt, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>`{name}` is the name of a model that ships with TransferSeg; give another with {option}.</source>
      <translation>`{name}` heißt ein Modell, das mit TransferSeg kommt; geben Sie mit {option} einen anderen Namen.</translation>
    </message>
    <message>
      <source>{path}: cannot be written ({reason}); free space or set TRANSFERSEG_MODELS.</source>
      <translation>{path}: kann nicht geschrieben werden ({reason}); schaffen Sie Platz, oder setzen Sie TRANSFERSEG_MODELS.</translation>
    </message>
    <message>
      <source>{path}: another model is there under this name; give a new one with {option}.</source>
      <translation>{path}: Dort liegt ein anderes Modell dieses Namens; geben Sie mit {option} einen neuen.</translation>
    </message>
    <message>
      <source>`{name}` cannot be a model's name; use up to 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit ({option} gives another).</source>
      <translation>`{name}` kann kein Modell heißen; nehmen Sie bis zu 64 Buchstaben, Ziffern, `-`, `_` und `.`, mit einem Buchstaben oder einer Ziffer am Anfang ({option} gibt einen anderen Namen).</translation>
    </message>
    <message>
      <source>{path}: cannot be read ({reason}); check its permissions.</source>
      <translation>{path}: kann nicht gelesen werden ({reason}); prüfen Sie die Rechte.</translation>
    </message>
    <message>
      <source>{path}: is no model ({kind}: {reason}); remove the folder.</source>
      <translation>{path}: ist kein Modell ({kind}: {reason}); entfernen Sie den Ordner.</translation>
    </message>
    <message>
      <source>{path}: this job has no model yet; let it finish (`{command}` goes on with one that was stopped), then use it.</source>
      <translation>{path}: Dieser Job hat noch kein Modell; lassen Sie ihn zu Ende laufen (`{command}` setzt einen abgebrochenen fort), und benutzen Sie es dann.</translation>
    </message>
    <message>
      <source>{path}: no such folder; check the path.</source>
      <translation>{path}: kein solcher Ordner; prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{path}: is a model of another program; bring it in with `{command}`.</source>
      <translation>{path}: ist ein Modell eines anderen Programms; nehmen Sie es mit `{command}` auf.</translation>
    </message>
    <message>
      <source>{path}: is a loop, whose models lie in its rounds; {any:?give the newest, {model}|no round has ended yet}.</source>
      <translation>{path}: ist eine Schleife, deren Modelle in ihren Runden liegen; {any:?nehmen Sie das neueste, {model}|noch keine Runde ist beendet}.</translation>
    </message>
    <message>
      <source>{path}: holds no {file}, so it is not a model; give a model's folder or a job's.</source>
      <translation>{path}: enthält kein {file}, ist also kein Modell; geben Sie den Ordner eines Modells oder eines Jobs an.</translation>
    </message>
    <message>
      <source>`{name}`: its publisher gives it out only for a key, so it cannot be downloaded here; {page} says how to get one, and a model that you have is taken in with `{command}`.</source>
      <translation>`{name}`: Der Herausgeber gibt es nur gegen einen Schlüssel, also kann es hier nicht heruntergeladen werden; {page} sagt, wie man einen bekommt, und ein Modell, das Sie haben, wird mit `{command}` aufgenommen.</translation>
    </message>
    <message>
      <source>{path}: the list of models that TRANSFERSEG_CATALOGUE names cannot be read ({reason}); is the drive there?</source>
      <translation>{path}: Die Liste der Modelle, die TRANSFERSEG_CATALOGUE nennt, kann nicht gelesen werden ({reason}); ist das Laufwerk da?</translation>
    </message>
    <message>
      <source>{path}: entry {number}: `{name}` is the name of another model that ships or is listed; give it one of its own.</source>
      <translation>{path}: Eintrag {number}: `{name}` heißt ein anderes Modell, das mitkommt oder in der Liste steht; geben Sie ihm einen eigenen Namen.</translation>
    </message>
    <message>
      <source>{path}: entry {number}: cannot be read ({reason}); correct it.</source>
      <translation>{path}: Eintrag {number}: kann nicht gelesen werden ({reason}); berichtigen Sie ihn.</translation>
    </message>
    <message>
      <source>{where}: `{name}` cannot be a model's name; use letters, digits, `-`, `_` and `.`.</source>
      <translation>{where}: `{name}` kann kein Modell heißen; nehmen Sie Buchstaben, Ziffern, `-`, `_` und `.`.</translation>
    </message>
    <message>
      <source>{where}: `{name}` has the layout {layout}; known are {known}.</source>
      <translation>{where}: `{name}` hat die Anordnung {layout}; bekannt sind {known}.</translation>
    </message>
    <message>
      <source>{where}: `{name}` has {size:,} bytes, and a model has 1 to {most:,}; correct it.</source>
      <translation>{where}: `{name}` hat {size:,} Bytes, und ein Modell hat 1 bis {most:,}; berichtigen Sie es.</translation>
    </message>
    <message>
      <source>{where}: `{name}` has no SHA-256 (64 digits) or SHA-1 (40); add it.</source>
      <translation>{where}: `{name}` hat keine SHA-256 (64 Stellen) oder SHA-1 (40); ergänzen Sie sie.</translation>
    </message>
    <message>
      <source>`{name}` is at {url}, which is no address; correct it.</source>
      <translation>`{name}` liegt unter {url}, was keine Adresse ist; berichtigen Sie sie.</translation>
    </message>
    <message>
      <source>`{name}` is at {url}; only https: and file: are downloaded from.</source>
      <translation>`{name}` liegt unter {url}; heruntergeladen wird nur von https: und file:.</translation>
    </message>
    <message>
      <source>`{name}` was made for {task} and segments nothing; adapt it first, then export that.</source>
      <translation>`{name}` wurde für {task} gemacht und segmentiert nichts; passen Sie es zuerst an, und exportieren Sie dann das.</translation>
    </message>
    <message>
      <source>`{name}` {reason}, for which MONAI has no words; it cannot be exported, segment with it here.</source>
      <translation>`{name}` {reason}, wofür MONAI keine Worte hat; es kann nicht exportiert werden, segmentieren Sie hier damit.</translation>
    </message>
    <message>
      <source>{path}: is there already; name a new folder.</source>
      <translation>{path}: ist schon da; nennen Sie einen neuen Ordner.</translation>
    </message>
    <message>
      <source>{path}: cannot be written ({reason}); choose another place.</source>
      <translation>{path}: kann nicht geschrieben werden ({reason}); wählen Sie einen anderen Ort.</translation>
    </message>
    <message>
      <source>is a cascade of two networks, the second of which is shown what the first finds</source>
      <translation>ist eine Kaskade aus zwei Netzen, von denen das zweite sieht, was das erste findet</translation>
    </message>
    <message>
      <source>smooths its segmentations, class against class</source>
      <translation>glättet seine Segmentierungen, Klasse gegen Klasse</translation>
    </message>
    <message>
      <source>brings images to the space of a template</source>
      <translation>bringt Bilder in den Raum einer Vorlage</translation>
    </message>
    <message>
      <source>normalises whole images and then crops them to a box around what was above a value before</source>
      <translation>normalisiert ganze Bilder und schneidet sie dann auf einen Quader um das zu, was vorher über einem Wert lag</translation>
    </message>
    <message>
      <source>takes the axis across thick slices as its last one, whatever its direction</source>
      <translation>nimmt die Achse quer zu dicken Schichten als letzte, gleich in welcher Richtung</translation>
    </message>
    <message>
      <source>leaves out the slices without content</source>
      <translation>lässt die Schichten ohne Inhalt weg</translation>
    </message>
    <message>
      <source>brings histograms to the landmarks of its training images</source>
      <translation>bringt Histogramme auf die Landmarken seiner Trainingsbilder</translation>
    </message>
    <message>
      <source>normalises intensities by `{normalisation}`, which no transform of MONAI's does</source>
      <translation>normalisiert Intensitäten mit `{normalisation}`, was keine Transformation von MONAI tut</translation>
    </message>
    <message>
      <source>normalises within the outline of what is not 0 in any channel, holes filled, as nnU-Net does</source>
      <translation>normalisiert innerhalb des Umrisses dessen, was in irgendeinem Kanal nicht 0 ist, mit gefüllten Löchern, wie nnU-Net</translation>
    </message>
    <message>
      <source>clips intensities at percentiles of the voxels that are not 0</source>
      <translation>beschneidet Intensitäten an Perzentilen der Voxel, die nicht 0 sind</translation>
    </message>
    <message>
      <source>`{name}`: was found in {folder} and taken in from there.</source>
      <translation>`{name}`: wurde in {folder} gefunden und von dort aufgenommen.</translation>
    </message>
    <message>
      <source>`{name}`: was found in {folder} and cannot be read there ({reason}), so it is downloaded.</source>
      <translation>`{name}`: wurde in {folder} gefunden und kann dort nicht gelesen werden ({reason}), also wird es heruntergeladen.</translation>
    </message>
    <message>
      <source>{option} {path}: `{name}` consists of {count} files; give each for its part, such as `{part}`.</source>
      <translation>{option} {path}: `{name}` besteht aus {count} Dateien; geben Sie jede für ihren Teil an, etwa `{part}`.</translation>
    </message>
    <message>
      <source>TRANSFERSEG_MIRROR is {mirror}, which is no folder and no address of https: or file:; correct it.</source>
      <translation>TRANSFERSEG_MIRROR ist {mirror}, was weder ein Ordner noch eine Adresse mit https: oder file: ist; berichtigen Sie es.</translation>
    </message>
    <message>
      <source>{url}: is on another computer, `{host}`; connect its folder and give the address of the file there, file:///….</source>
      <translation>{url}: liegt auf einem anderen Computer, `{host}`; verbinden Sie dessen Ordner, und geben Sie die Adresse der Datei dort an, file:///….</translation>
    </message>
    <message>
      <source>{url}: no such file; is the drive there?</source>
      <translation>{url}: keine solche Datei; ist das Laufwerk da?</translation>
    </message>
    <message>
      <source>{url}: the server sent another part than was asked for; try again later.</source>
      <translation>{url}: Der Server schickte einen anderen Teil als verlangt; versuchen Sie es später noch einmal.</translation>
    </message>
    <message>
      <source>{url}: the server sends a file of {sent:,} bytes, and `{name}` has {size:,}, so nothing was taken (is it a page to log in?); try again later, or fetch the file by other means and give it with {option}.</source>
      <translation>{url}: Der Server schickt eine Datei von {sent:,} Bytes, und `{name}` hat {size:,}, also wurde nichts genommen (ist es eine Anmeldeseite?); versuchen Sie es später noch einmal, oder holen Sie die Datei auf anderem Weg und geben Sie sie mit {option} an.</translation>
    </message>
    <message>
      <source>{url}: the server does not go on after the {kept:,} bytes that are kept in {path}; try again later, delete them to begin anew, or fetch the file by other means and give it with {option}.</source>
      <translation>{url}: Der Server macht nicht weiter nach den {kept:,} Bytes, die in {path} liegen; versuchen Sie es später noch einmal, löschen Sie sie, um neu zu beginnen, oder holen Sie die Datei auf anderem Weg und geben Sie sie mit {option} an.</translation>
    </message>
    <message>
      <source>{url}: the server answers {status} ({reason}); try again later, or fetch the file by other means and give it with {option}.</source>
      <translation>{url}: Der Server antwortet {status} ({reason}); versuchen Sie es später noch einmal, oder holen Sie die Datei auf anderem Weg und geben Sie sie mit {option} an.</translation>
    </message>
    <message>
      <source>it broke off</source>
      <translation>sie brach ab</translation>
    </message>
    <message>
      <source>{host}: its certificate is not trusted ({reason}); if your institution's proxy signs connections, name its certificate in SSL_CERT_FILE.</source>
      <translation>{host}: Dem Zertifikat wird nicht vertraut ({reason}); wenn der Proxy Ihrer Einrichtung Verbindungen signiert, nennen Sie dessen Zertifikat in SSL_CERT_FILE.</translation>
    </message>
    <message>
      <source>no connection to {host} ({reason}), {kept:,} bytes are kept; connect and try again (HTTPS_PROXY names a proxy), or fetch {url} by other means and give it with {option}.</source>
      <translation>keine Verbindung zu {host} ({reason}), {kept:,} Bytes bleiben; verbinden Sie sich, und versuchen Sie es noch einmal (HTTPS_PROXY nennt einen Proxy), oder holen Sie {url} auf anderem Weg und geben Sie die Datei mit {option} an.</translation>
    </message>
    <message>
      <source>no connection to {host} ({reason}); connect and try again (HTTPS_PROXY names a proxy), or fetch {url} by other means and give it with {option}.</source>
      <translation>keine Verbindung zu {host} ({reason}); verbinden Sie sich, und versuchen Sie es noch einmal (HTTPS_PROXY nennt einen Proxy), oder holen Sie {url} auf anderem Weg und geben Sie die Datei mit {option} an.</translation>
    </message>
    <message>
      <source>{url}: sends more than the {most:,} bytes it should; do not use this file.</source>
      <translation>{url}: schickt mehr als die {most:,} Bytes, die es sein sollten; benutzen Sie diese Datei nicht.</translation>
    </message>
    <message>
      <source>{url}: the connection broke off after {done:,} of {total:,} bytes; run it again, {restarts:?its server begins anew each time|it goes on from there if its server can}.</source>
      <translation>{url}: Die Verbindung brach nach {done:,} von {total:,} Bytes ab; starten Sie es noch einmal, {restarts:?der Server beginnt jedes Mal von vorn|es geht dort weiter, wenn der Server es kann}.</translation>
    </message>
    <message>
      <source>{where}: is not the file that was first downloaded on {date} (SHA-256 is {found}…, not {expected}…), and its publisher states no sum, so it was not used; if its publisher says that it was replaced, delete its line in {path} and download it again.</source>
      <translation>{where}: ist nicht die Datei, die zuerst am {date} heruntergeladen wurde (die SHA-256 ist {found}…, nicht {expected}…), und der Herausgeber nennt keine Prüfsumme, also wurde sie nicht benutzt; sagt er, dass sie ersetzt wurde, löschen Sie ihre Zeile in {path}, und laden Sie sie noch einmal herunter.</translation>
    </message>
    <message>
      <source>{where}: is not the file of `{name}` ({kind} is {found}…, not {expected}…), so it was not used; try again, and if it stays so, tell whoever gave you the address.</source>
      <translation>{where}: ist nicht die Datei von `{name}` ({kind} ist {found}…, nicht {expected}…), wurde also nicht benutzt; versuchen Sie es noch einmal, und wenn es dabei bleibt, sagen Sie es dem, von dem die Adresse stammt.</translation>
    </message>
    <message>
      <source>{url}: the server redirects to {target}, which is not https, so it was not followed; try again later, or fetch the file by other means and give it with {option}.</source>
      <translation>{url}: Der Server leitet auf {target} um, was nicht https ist, also wurde dem nicht gefolgt; versuchen Sie es später noch einmal, oder holen Sie die Datei auf anderem Weg und geben Sie sie mit {option} an.</translation>
    </message>
    <message>
      <source>{path}: has a card but no {file}; copy the model's weights beside its card.</source>
      <translation>{path}: hat eine Karte, aber kein {file}; kopieren Sie die Gewichte des Modells neben seine Karte.</translation>
    </message>
    <message>
      <source>{path}: is not there, and the model's card names it as a part of the ensemble; copy the whole folder, or take it out of the card's `members`.</source>
      <translation>{path}: ist nicht da, und die Karte des Modells nennt es als Teil des Ensembles; kopieren Sie den ganzen Ordner, oder nehmen Sie es aus `members` der Karte.</translation>
    </message>
    <message>
      <source>{where}: is a model of Auto3DSeg with the network `{network}`, and only those with SegResNetDS are read; ask its author for one (`{option}`).</source>
      <translation>{where}: ist ein Modell von Auto3DSeg mit dem Netz `{network}`, und nur die mit SegResNetDS werden gelesen; bitten Sie den Autor um eines (`{option}`).</translation>
    </message>
    <message>
      <source>It does not turn its images before it segments them; taken as right, anterior, superior.</source>
      <translation>Es dreht seine Bilder nicht, bevor es sie segmentiert; angenommen wird rechts, anterior, superior.</translation>
    </message>
    <message>
      <source>It was trained with voxels of {spacing} mm, and not of the size that was given.</source>
      <translation>Es wurde mit Voxeln von {spacing} mm trainiert und nicht mit der angegebenen Größe.</translation>
    </message>
    <message>
      <source>It was trained without resampling; images are resampled as by its own program nevertheless.</source>
      <translation>Es wurde ohne Resampling trainiert; Bilder werden trotzdem so umgerechnet, wie es sein eigenes Programm tut.</translation>
    </message>
    <message>
      <source>Images of several channels are not cropped to a foreground, as in its training.</source>
      <translation>Bilder mit mehreren Kanälen werden nicht auf einen Vordergrund zugeschnitten, wie bei seinem Training.</translation>
    </message>
    <message>
      <source>{where}: the network takes {channels} {channels:~image|images}, and the configuration says how {said} {said:~is|are} normalised; it cannot be imported.</source>
      <translation>{where}: Das Netz nimmt {channels} {channels:~Bild|Bilder}, und die Konfiguration sagt, wie {said} {said:~normalisiert wird|normalisiert werden}; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: normalises intensities by `{mode}`; known are {known}, so it cannot be imported.</source>
      <translation>{where}: normalisiert Intensitäten mit `{mode}`; bekannt sind {known}, also kann es nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: `intensity_bounds` must be two rising numbers, for the range of intensities; it cannot be imported.</source>
      <translation>{where}: `intensity_bounds` müssen zwei steigende Zahlen sein, für den Bereich der Intensitäten; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: `{name}` must be three numbers above 0; it cannot be imported.</source>
      <translation>{where}: `{name}` muss drei Zahlen über 0 haben; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>It does not name all of its labels; `label {first}` and so on stand for their names.</source>
      <translation>Es benennt nicht alle seine Labels; `label {first}` und so weiter stehen für ihre Namen.</translation>
    </message>
    <message>
      <source>Its {file} has values that it does not find ({values:…}).</source>
      <translation>Seine {file} nennt Werte, die es nicht findet ({values:…}).</translation>
    </message>
    <message>
      <source>It does not say what its outputs are; taken as whole tumour, tumour core and enhancing tumour.</source>
      <translation>Es sagt nicht, was seine Ausgaben sind; angenommen werden ganzer Tumor, Tumorkern und anreichernder Tumor.</translation>
    </message>
    <message>
      <source>{where}: {reason}; it cannot be imported.</source>
      <translation>{where}: {reason}; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>its {outputs} outputs are decided each by itself, so regions overlap, and `class_index` does not say which values lie in which</source>
      <translation>über seine {outputs} Ausgänge wird einzeln entschieden, also überlappen Regionen, und `class_index` sagt nicht, welche Werte in welcher liegen</translation>
    </message>
    <message>
      <source>There is no {file} beside it.</source>
      <translation>Daneben liegt keine {file}.</translation>
    </message>
    <message>
      <source>{path}: is no list of labels as MONAI Auto3DSeg's (a line each, with a whole number in the column `{column}`); correct or remove it.</source>
      <translation>{path}: ist keine Liste von Labels wie die von MONAI Auto3DSeg (je eine Zeile, mit einer ganzen Zahl in der Spalte `{column}`); berichtigen oder entfernen Sie sie.</translation>
    </message>
    <message>
      <source>Its card is that of other weights (`weights_sha256`), so its scores, and how it was made, are left out.</source>
      <translation>Seine Karte gehört zu anderen Gewichten (`weights_sha256`); deshalb fehlen ihre Bewertungen und wie es entstand.</translation>
    </message>
    <message>
      <source>{where}: is of a cascade, and weights alone are of one network; add the model's whole folder, or import nnU-Net's own.</source>
      <translation>{where}: gehört zu einer Kaskade, und Gewichte allein sind die eines Netzes; fügen Sie den ganzen Ordner des Modells hinzu, oder importieren Sie den von nnU-Net.</translation>
    </message>
    <message>
      <source>{path}: holds no model `{wanted}`; there are {models:…`}, choose one of them.</source>
      <translation>{path}: enthält kein Modell `{wanted}`; es gibt {models:…`}, wählen Sie eines davon.</translation>
    </message>
    <message>
      <source>{path}: holds {count} models: {models:…`}; choose one, for example with {option}.</source>
      <translation>{path}: enthält {count} Modelle: {models:…`}; wählen Sie eines, zum Beispiel mit {option}.</translation>
    </message>
    <message>
      <source>Its decoder was never trained, so only its encoder is kept.</source>
      <translation>Sein Decoder wurde nie trainiert, deshalb wird nur sein Encoder behalten.</translation>
    </message>
    <message>
      <source>It is an encoder alone.</source>
      <translation>Es ist nur ein Encoder.</translation>
    </message>
    <message>
      <source>Its files do not name its labels; `label 1`, `label 2`, … stand for their names.</source>
      <translation>Seine Dateien benennen seine Labels nicht; `label 1`, `label 2`, … stehen für ihre Namen.</translation>
    </message>
    <message>
      <source>{path}: is no list of a network's arguments; correct or remove it.</source>
      <translation>{path}: ist keine Liste der Argumente eines Netzes; berichtigen oder entfernen Sie sie.</translation>
    </message>
    <message>
      <source>{where}: nothing says which normalisation the network has; put its {file} beside it.</source>
      <translation>{where}: Nichts sagt, welche Normalisierung das Netz hat; legen Sie seine {file} daneben.</translation>
    </message>
    <message>
      <source>{where}: its weights are none of an encoder that is known here; give a card of the network with {option}.</source>
      <translation>{where}: Die Gewichte sind keine eines Encoders, der hier bekannt ist; geben Sie mit {option} eine Karte des Netzes an.</translation>
    </message>
    <message>
      <source>{found} of {tensors} tensors of the encoder come from the file; decoder and head are drawn anew{left:?, and {left} tensors of the file have no place in it|}.</source>
      <translation>{found} von {tensors} Tensoren des Encoders kommen aus der Datei; Decoder und Kopf werden neu gezogen{left:?, und {left} Tensoren der Datei haben keinen Platz darin|}.</translation>
    </message>
    <message>
      <source>It does not say for which voxel size it was trained: images keep their own ({option} gives one).</source>
      <translation>Es sagt nicht, für welche Voxelgröße es trainiert wurde: Bilder behalten ihre eigene ({option} gibt eine an).</translation>
    </message>
    <message>
      <source>{where}: holds a decoder, too (`{layer}`), so it is a whole model and no bare encoder; give that model's own folder, or a card that says what it segments, or that has the task `classification` for its encoder alone, with {option}.</source>
      <translation>{where}: enthält auch einen Decoder (`{layer}`), ist also ein ganzes Modell und kein bloßer Encoder; geben Sie den Ordner dieses Modells an, oder mit {option} eine Karte, die sagt, was es segmentiert, oder die für den Encoder allein die Aufgabe `classification` hat.</translation>
    </message>
    <message>
      <source>{where}: is an encoder of `{kind}`, and of nnssl's networks only ResEnc-L and other residual encoders are here; choose such a checkpoint.</source>
      <translation>{where}: ist ein Encoder von `{kind}`, und von den Netzen von nnssl sind hier nur ResEnc-L und andere Residual-Encoder; wählen Sie einen solchen Checkpoint.</translation>
    </message>
    <message>
      <source>{where}: lacks a stage of its residual encoder, or is one for slices; fetch it again.</source>
      <translation>{where}: Dem Residual-Encoder fehlt eine Stufe, oder er ist einer für Schichten; holen Sie die Datei noch einmal.</translation>
    </message>
    <message>
      <source>Its strides are not stated; taken as 2 from level to level.</source>
      <translation>Seine Schrittweiten sind nicht angegeben; angenommen wird 2 von Stufe zu Stufe.</translation>
    </message>
    <message>
      <source>It was shown images in the order of their files, whose orientation is not recorded; jobs show it right, anterior, superior.</source>
      <translation>Ihm wurden Bilder in der Reihenfolge ihrer Dateien gezeigt, deren Ausrichtung nicht festgehalten ist; Jobs zeigen ihm rechts, anterior, superior.</translation>
    </message>
    <message>
      <source>{where}: is no Swin transformer of four levels for volumes, as SwinUNETR has it; it cannot be imported.</source>
      <translation>{where}: ist kein Swin-Transformer mit vier Stufen für Volumen, wie SwinUNETR ihn hat; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: is no SegResNet for volumes with two levels or more; it cannot be imported.</source>
      <translation>{where}: ist kein SegResNet für Volumen mit zwei oder mehr Stufen; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>Which normalisation it has is not recorded; taken as by groups of 8, as MONAI has it.</source>
      <translation>Welche Normalisierung es hat, ist nicht festgehalten; angenommen wird die in Gruppen von 8, wie MONAI sie hat.</translation>
    </message>
    <message>
      <source>It resamples nothing: images keep their own voxel size.</source>
      <translation>Es rechnet nichts um: Bilder behalten ihre eigene Voxelgröße.</translation>
    </message>
    <message>
      <source>All its weights are 0, so it gives the same for every image; is this the file of the trained network?</source>
      <translation>Alle seine Gewichte sind 0, deshalb liefert es für jedes Bild dasselbe; ist das die Datei des trainierten Netzes?</translation>
    </message>
    <message>
      <source>{path}: leads out of the model's folder, so it was not read; put the file itself there.</source>
      <translation>{path}: führt aus dem Ordner des Modells hinaus, wurde also nicht gelesen; legen Sie die Datei selbst dorthin.</translation>
    </message>
    <message>
      <source>{path}: is a model of TransferSeg's own; take it in with `{command}`.</source>
      <translation>{path}: ist ein eigenes Modell von TransferSeg; nehmen Sie es mit `{command}` auf.</translation>
    </message>
    <message>
      <source>{path}: is no model that can be imported ({known}), and bare weights need a card that says what they are; give it with {option}.</source>
      <translation>{path}: ist kein Modell, das importiert werden kann ({known}), und bloße Gewichte brauchen eine Karte, die sagt, was sie sind; geben Sie sie mit {option} an.</translation>
    </message>
    <message>
      <source>{path}: no such file, and without it this is not a MONAI bundle; fetch it again.</source>
      <translation>{path}: keine solche Datei, und ohne sie ist dies kein MONAI-Bundle; holen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>It has no inference.json; how images are prepared was read from {file}.</source>
      <translation>Es hat keine inference.json; wie Bilder vorbereitet werden, wurde aus {file} gelesen.</translation>
    </message>
    <message>
      <source>Its first output, `{name}`, is taken as the background.</source>
      <translation>Seine erste Ausgabe, `{name}`, wird als Hintergrund genommen.</translation>
    </message>
    <message>
      <source>Its label begins at a score of {score:.4g}, which the last layer's bias was lowered by.</source>
      <translation>Sein Label beginnt bei einem Wert von {score:.4g}; um diesen wurde der Bias der letzten Schicht gesenkt.</translation>
    </message>
    <message>
      <source>{where}: is not a network's definition; it cannot be imported.</source>
      <translation>{where}: beschreibt kein Netz; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: would have something else executed or left out; it cannot be imported.</source>
      <translation>{where}: würde etwas anderes ausführen lassen oder weglassen; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: the network is one for volumes, and the weights are of one for slices (2D); it cannot be imported.</source>
      <translation>{where}: Das Netz ist eines für Volumina, und die Gewichte sind von einem für Schichten (2D); es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{path}: has no `{name}`; name another configuration with {option}.</source>
      <translation>{path}: hat kein `{name}`; nennen Sie mit {option} eine andere Konfiguration.</translation>
    </message>
    <message>
      <source>It does not say which way its slices lie; taken as axial.</source>
      <translation>Es sagt nicht, wie seine Schichten liegen; angenommen wird axial.</translation>
    </message>
    <message>
      <source>It does not say how large its windows are; taken as 96×96×96 voxels.</source>
      <translation>Es sagt nicht, wie groß seine Fenster sind; angenommen werden 96×96×96 Voxel.</translation>
    </message>
    <message>
      <source>{path}: has no `network_data_format::inputs`; it is not a model that can be imported.</source>
      <translation>{path}: hat kein `network_data_format::inputs`; es ist kein Modell, das importiert werden kann.</translation>
    </message>
    <message>
      <source>{where}: the network takes {inputs}; only networks that take one image can be imported.</source>
      <translation>{where}: Das Netz nimmt {inputs}; nur Netze, die ein Bild nehmen, können importiert werden.</translation>
    </message>
    <message>
      <source>{where}: names {count} outputs, and the network has {outputs}; correct the bundle.</source>
      <translation>{where}: nennt {count} Ausgänge, und das Netz hat {outputs}; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>It does not name its label.</source>
      <translation>Es benennt sein Label nicht.</translation>
    </message>
    <message>
      <source>It does not name all of its labels; `label 1`, `label 2`, … stand for their names.</source>
      <translation>Es benennt nicht alle seine Labels; `label 1`, `label 2`, … stehen für ihre Namen.</translation>
    </message>
    <message>
      <source>{path}: none of {names} is there; name one with {option}.</source>
      <translation>{path}: keine von {names} ist da; nennen Sie eine mit {option}.</translation>
    </message>
    <message>
      <source>Its folder `models` also holds {others:…}; {taken} was taken.</source>
      <translation>Sein Ordner `models` enthält auch {others:…}; genommen wurde {taken}.</translation>
    </message>
    <message>
      <source>{path}: holds {found}; choose one with {option} (TorchScript, `.ts`, is a program and is not read).</source>
      <translation>{path}: enthält {found}; wählen Sie eines mit {option} (TorchScript, `.ts`, ist ein Programm und wird nicht gelesen).</translation>
    </message>
    <message>
      <source>{path}: is not there, as in a clone of MONAI's model zoo, whose {list} says where the weights are ({url}); download them to that place, and import it again.</source>
      <translation>{path}: ist nicht da, wie in einem Klon von MONAIs Modellzoo, dessen {list} sagt, wo die Gewichte liegen ({url}); laden Sie sie an diesen Ort herunter, und importieren Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: holds no weights, and {list}, which should say where they are, is damaged or names none that can be read; download the weights from the bundle's page into this folder, and import it again.</source>
      <translation>{path}: enthält keine Gewichte, und {list}, das sagen sollte, wo sie liegen, ist beschädigt oder nennt keine lesbaren; laden Sie die Gewichte von der Seite des Bundles in diesen Ordner herunter, und importieren Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: holds no weights; fetch it again (TorchScript, `.ts`, is a program and is not read).</source>
      <translation>{path}: enthält keine Gewichte; holen Sie es noch einmal (TorchScript, `.ts`, ist ein Programm und wird nicht gelesen).</translation>
    </message>
    <message>
      <source>{path}: has no `postprocessing`, so nothing says how its one output becomes a label; name another configuration with {option}.</source>
      <translation>{path}: hat kein `postprocessing`, also sagt nichts, wie sein einziger Ausgang zu einem Label wird; nennen Sie mit {option} eine andere Konfiguration.</translation>
    </message>
    <message>
      <source>It does not say how its outputs become labels; the largest is taken.</source>
      <translation>Es sagt nicht, wie aus seinen Ausgaben Labels werden; genommen wird die größte.</translation>
    </message>
    <message>
      <source>the {outputs} outputs ({names}) are decided each by itself (sigmoid, threshold), so regions overlap, and nothing says which lies in which</source>
      <translation>über die {outputs} Ausgänge ({names}) wird einzeln entschieden (Sigmoid, Schwelle), also überlappen Regionen, und nichts sagt, welche in welcher liegt</translation>
    </message>
    <message>
      <source>What it does with its labels afterwards, {kind}, is left out.</source>
      <translation>Was es danach mit seinen Labels macht, {kind}, wird weggelassen.</translation>
    </message>
    <message>
      <source>what `{kind}` does before the outputs are labels may change what they become</source>
      <translation>was `{kind}` tut, bevor die Ausgänge Labels sind, mag ändern, was sie werden</translation>
    </message>
    <message>
      <source>How it numbers its labels afterwards, {kind}, is left out; they have the outputs' numbers.</source>
      <translation>Wie es seine Labels danach nummeriert, {kind}, wird weggelassen; sie haben die Nummern der Ausgaben.</translation>
    </message>
    <message>
      <source>how the outputs become labels is code of the bundle's own, and none of it is run</source>
      <translation>wie die Ausgänge zu Labels werden, ist eigener Code des Bundles, und davon wird nichts ausgeführt</translation>
    </message>
    <message>
      <source>a {activation} of {outputs} {outputs:~output|outputs}, {form} by then, has no use</source>
      <translation>{activation} von {outputs} {outputs:~Ausgang|Ausgängen}, dann schon {form}, ist zu nichts nütze</translation>
    </message>
    <message>
      <source>the largest of one output, or of labels, is none</source>
      <translation>das Größte von einem Ausgang, oder von Labels, gibt es nicht</translation>
    </message>
    <message>
      <source>a threshold of {threshold:g} makes other labels of labels</source>
      <translation>eine Schwelle von {threshold:g} macht aus Labels andere Labels</translation>
    </message>
    <message>
      <source>a threshold of {threshold:g} after a sigmoid decides nothing</source>
      <translation>eine Schwelle von {threshold:g} nach einem Sigmoid entscheidet nichts</translation>
    </message>
    <message>
      <source>It does not say from which value on its sigmoid is the label; taken as 0.5.</source>
      <translation>Es sagt nicht, ab welchem Wert sein Sigmoid das Label ist; angenommen wird 0,5.</translation>
    </message>
    <message>
      <source>does not say how the one output becomes a label (sigmoid, threshold)</source>
      <translation>sagt nicht, wie der eine Ausgang zu einem Label wird (Sigmoid, Schwelle)</translation>
    </message>
    <message>
      <source>its regions begin at a score of {score:.4g} before any sigmoid, and only 0 is supported</source>
      <translation>seine Regionen beginnen bei einem Wert von {score:.4g} vor jedem Sigmoid, und nur 0 wird unterstützt</translation>
    </message>
    <message>
      <source>Its own program interpolates between the numbers of labels on the way back, so that borders get fractions, or other labels; here each voxel gets the nearest one's label.</source>
      <translation>Sein eigenes Programm interpoliert auf dem Rückweg zwischen den Nummern der Labels, sodass Ränder Bruchteile oder andere Labels bekommen; hier bekommt jeder Voxel das Label des nächsten.</translation>
    </message>
    <message>
      <source>It interpolates scores on the way back; here their probabilities are interpolated.</source>
      <translation>Es interpoliert auf dem Rückweg die Werte der Ausgaben; hier werden ihre Wahrscheinlichkeiten interpoliert.</translation>
    </message>
    <message>
      <source>{where}: the label begins at a score of {score:.4g} before any sigmoid, not 0, and the network's last layer has no bias of its own that would keep it so; it cannot be imported.</source>
      <translation>{where}: Das Label beginnt bei einem Wert von {score:.4g} vor jedem Sigmoid, nicht 0, und die letzte Schicht des Netzes hat keinen eigenen Bias, der es so hielte; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{kind:?`{kind}` runs its network|Nothing says how its network is run}; here windows overlap by {overlap:g} and are blended with Gaussian weights.</source>
      <translation>{kind:?`{kind}` führt sein Netz aus|Nichts sagt, wie sein Netz ausgeführt wird}; hier überlappen Fenster um {overlap:g} und werden mit Gauß-Gewichten gemischt.</translation>
    </message>
    <message>
      <source>Its windows overlap by {overlap} along the axes; here by the largest of these.</source>
      <translation>Seine Fenster überlappen entlang der Achsen um {overlap}; hier um das Größte davon.</translation>
    </message>
    <message>
      <source>By how much its windows overlap is no number from 0 to 1; taken as {overlap:g}.</source>
      <translation>Um wie viel seine Fenster überlappen, ist keine Zahl von 0 bis 1; angenommen wird {overlap:g}.</translation>
    </message>
    <message>
      <source>Its windows overlap by {overlap:g}; here by {most:g}.</source>
      <translation>Seine Fenster überlappen um {overlap:g}; hier um {most:g}.</translation>
    </message>
    <message>
      <source>It pads small images by `{mode}`; here their edges are repeated.</source>
      <translation>Es füllt kleine Bilder mit `{mode}` auf; hier werden ihre Ränder wiederholt.</translation>
    </message>
    <message>
      <source>It surrounds small images by {value}; here by 0.</source>
      <translation>Es umgibt kleine Bilder mit {value}; hier mit 0.</translation>
    </message>
    <message>
      <source>It blends windows by `{mode}`; here with Gaussian weights.</source>
      <translation>Es mischt Fenster mit `{mode}`; hier mit Gauß-Gewichten.</translation>
    </message>
    <message>
      <source>The width of its Gaussian weights is not {width:g} of a window, as it is here.</source>
      <translation>Die Breite seiner Gauß-Gewichte ist nicht {width:g} eines Fensters, wie sie es hier ist.</translation>
    </message>
    <message>
      <source>`{name}` of its inferer would have to be executed; taken as {value}.</source>
      <translation>`{name}` seines Inferers müsste ausgeführt werden; angenommen wird {value}.</translation>
    </message>
    <message>
      <source>{where}: `{target}` is not a network that can be imported, and nothing else in a bundle is run; known are {known} of MONAI.</source>
      <translation>{where}: `{target}` ist kein Netz, das importiert werden kann, und sonst wird in einem Bundle nichts ausgeführt; bekannt sind {known} von MONAI.</translation>
    </message>
    <message>
      <source>{where}: {monai:?MONAI's |}{network} has no argument `{argument}`; correct the bundle.</source>
      <translation>{where}: {network}{monai:? von MONAI|} hat kein Argument `{argument}`; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{where}: {monai:?MONAI's |}{network} has no argument `{argument}`, nor {more} more of those given; correct the bundle.</source>
      <translation>{where}: {network}{monai:? von MONAI|} hat kein Argument `{argument}`, und {more} weitere der angegebenen nicht; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{where}: a {network} of {dimensions} dimensions; only networks for volumes import.</source>
      <translation>{where}: ein {network} mit {dimensions} Dimensionen; nur Netze für Volumina lassen sich importieren.</translation>
    </message>
    <message>
      <source>{where}: the argument `{argument}` = {value} of MONAI's {network} is not known to our `{ours}`, so the model would not be the same; it cannot be imported.</source>
      <translation>{where}: Das Argument `{argument}` = {value} von MONAIs {network} kennt unser `{ours}` nicht, also wäre das Modell nicht dasselbe; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: network `{name}` is not known; known are {known}.</source>
      <translation>{where}: Das Netz `{name}` ist nicht bekannt; bekannt sind {known}.</translation>
    </message>
    <message>
      <source>{where}: `strides` of DynUNet are missing or no list; correct the bundle.</source>
      <translation>{where}: `strides` von DynUNet fehlen oder sind keine Liste; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{where}: the argument `upsample_kernel_size` = {kernels} differs from the strides {strides}, which our `dynunet` does not know; it cannot be imported.</source>
      <translation>{where}: Das Argument `upsample_kernel_size` = {kernels} weicht von den Schritten {strides} ab, was unser `dynunet` nicht kennt; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: `norm_name` of SegResNet is {name}, and MONAI takes `group` alone there.</source>
      <translation>{where}: `norm_name` von SegResNet ist {name}, und MONAI nimmt dort nur `group`.</translation>
    </message>
    <message>
      <source>{where}: `{argument}` is {value}; a number from 1 to 256 is needed.</source>
      <translation>{where}: `{argument}` ist {value}; eine Zahl von 1 bis 256 wird gebraucht.</translation>
    </message>
    <message>
      <source>{option} {value}: a network of a MONAI bundle is shown its images as {ras}, or in the order of their files ({file}); give one of these.</source>
      <translation>{option} {value}: Das Netz eines MONAI-Bundles sieht seine Bilder als {ras} oder in der Reihenfolge ihrer Dateien ({file}); geben Sie eines davon an.</translation>
    </message>
    <message>
      <source>It does not turn its images, so `segment` shows it the axes of the file, as its own program does; jobs show images with the axes right, anterior, superior, and so does `segment` where it is imported with --orientation RAS.</source>
      <translation>Es dreht seine Bilder nicht, deshalb zeigt ihm `segment` die Achsen der Datei, wie sein eigenes Programm; Jobs zeigen Bilder mit den Achsen rechts, anterior, superior, und das tut auch `segment`, wenn es mit --orientation RAS importiert wird.</translation>
    </message>
    <message>
      <source>It does not turn its images; as was chosen, they are shown with the axes right, anterior, superior.</source>
      <translation>Es dreht seine Bilder nicht; wie gewählt, werden sie mit den Achsen rechts, anterior, superior gezeigt.</translation>
    </message>
    <message>
      <source>Its {kind} is left out: windows cover the whole image here{counts:?, and intensities are taken without it|}.</source>
      <translation>Sein {kind} wird weggelassen: Fenster decken hier das ganze Bild ab{counts:?, und Intensitäten werden ohne ihn bestimmt|}.</translation>
    </message>
    <message>
      <source>{where}: the model wants its axes as {axes}{renamed:? by other names|}, and only RAS (right, anterior, superior) is supported; it cannot be imported.</source>
      <translation>{where}: Das Modell will seine Achsen als {axes}{renamed:? mit anderen Namen|}, und nur RAS (rechts, vorne, oben) wird unterstützt; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>It interpolates its images by `{mode}` where it resamples them; here linearly.</source>
      <translation>Es interpoliert seine Bilder beim Resampling mit `{mode}`; hier linear.</translation>
    </message>
    <message>
      <source>`{name}` of its Spacing is {value}, and {usual} here.</source>
      <translation>`{name}` seines Spacing ist {value}, und hier {usual}.</translation>
    </message>
    <message>
      <source>`{name}` of its Spacing is no list of numbers, and is left out: all voxels are resampled.</source>
      <translation>`{name}` seines Spacing ist keine Liste von Zahlen und wird weggelassen: alle Voxel werden umgerechnet.</translation>
    </message>
    <message>
      <source>Within its bounds voxels stay as they are; here those within {tolerance:.2g} of the wanted size.</source>
      <translation>Innerhalb seiner Grenzen bleiben Voxel, wie sie sind; hier die, die um höchstens {tolerance:.2g} von der gewünschten Größe abweichen.</translation>
    </message>
    <message>
      <source>It changes intensities before it resamples and after; here it is all done before.</source>
      <translation>Es ändert Intensitäten vor dem Resampling und danach; hier geschieht alles davor.</translation>
    </message>
    <message>
      <source>Its CropForeground, which keeps what is not 0, is taken as one to what is above 0.</source>
      <translation>Sein CropForeground, das behält, was nicht 0 ist, wird als Zuschnitt auf das genommen, was über 0 liegt.</translation>
    </message>
    <message>
      <source>Its CropForeground comes between changes of its intensities; here after them.</source>
      <translation>Sein CropForeground kommt zwischen Änderungen seiner Intensitäten; hier nach ihnen.</translation>
    </message>
    <message>
      <source>Its intensities, which come between its CropForeground and resampling, come after both here.</source>
      <translation>Seine Intensitäten, die zwischen seinem CropForeground und dem Resampling kommen, kommen hier nach beiden.</translation>
    </message>
    <message>
      <source>Its CropForeground, and what follows of the intensities, come before resampling here.</source>
      <translation>Sein CropForeground und was an Intensitäten folgt, kommen hier vor dem Resampling.</translation>
    </message>
    <message>
      <source>Its CropForeground, which keeps what is above 0, is taken as one to what is not 0.</source>
      <translation>Sein CropForeground, das behält, was über 0 liegt, wird als Zuschnitt auf das genommen, was nicht 0 ist.</translation>
    </message>
    <message>
      <source>Its CropForeground comes after resampling here.</source>
      <translation>Sein CropForeground kommt hier nach dem Resampling.</translation>
    </message>
    <message>
      <source>The margin of its CropForeground ends at the image's edge here.</source>
      <translation>Der Rand seines CropForeground endet hier am Bildrand.</translation>
    </message>
    <message>
      <source>Its CropForeground makes the box larger (`k_divisible`), which is left out.</source>
      <translation>Sein CropForeground vergrößert den Ausschnitt (`k_divisible`), was weggelassen wird.</translation>
    </message>
    <message>
      <source>{where}: `{kind}d`, as it is used there, has no words in a model card, so images would not be prepared as the model expects; it cannot be imported.</source>
      <translation>{where}: Für `{kind}d`, wie es dort benutzt wird, hat eine Modellkarte keine Worte, also würden Bilder nicht so vorbereitet, wie das Modell es erwartet; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: `{target}` is code of the bundle's own, and none of it is run; it cannot be imported.</source>
      <translation>{where}: `{target}` ist eigener Code des Bundles, und davon wird nichts ausgeführt; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: makes the image, `{image}`, which has {channels} channels, of {items}, and that is not how it is loaded; it cannot be imported.</source>
      <translation>{where}: macht das Bild `{image}` mit {channels} Kanälen aus {items}, und so wird es nicht geladen; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: no image is loaded, and the network takes `{image}`, which `{kind}d` does not load; it cannot be imported.</source>
      <translation>{where}: Kein Bild wird geladen, und das Netz nimmt `{image}`, das `{kind}d` nicht lädt; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: {items} is loaded, and the network takes `{image}`, which `{kind}d` does not load; it cannot be imported.</source>
      <translation>{where}: {items} wird geladen, und das Netz nimmt `{image}`, das `{kind}d` nicht lädt; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>The image that it calls `{name}` is the one that it loads as `{loaded}`.</source>
      <translation>Das Bild, das es `{name}` nennt, ist das, das es als `{loaded}` lädt.</translation>
    </message>
    <message>
      <source>{where}: `{kind}d` prepares {items} and not {others}, which become channels of one image, and how they differ is not followed; it cannot be imported.</source>
      <translation>{where}: `{kind}d` bereitet {items} vor und nicht {others}, die Kanäle eines Bildes werden, und wie sie sich unterscheiden, wird nicht verfolgt; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: `{kind}d` works on {items}, and what of it reaches the network with `{image}` is not followed; it cannot be imported.</source>
      <translation>{where}: `{kind}d` arbeitet an {items}, und was davon mit `{image}` das Netz erreicht, wird nicht verfolgt; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{reason}, or give the voxel size as {option} does.</source>
      <translation>{reason}, oder geben Sie die Voxelgröße an, wie {option} es tut.</translation>
    </message>
    <message>
      <source>{where}: {value} is no voxel size in mm; give it with {option}.</source>
      <translation>{where}: {value} ist keine Voxelgröße in mm; geben Sie sie mit {option} an.</translation>
    </message>
    <message>
      <source>{where}: is no list of transforms; it cannot be imported.</source>
      <translation>{where}: ist keine Liste von Transformationen; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: is no transform; it cannot be imported.</source>
      <translation>{where}: ist keine Transformation; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: names no image; correct the bundle.</source>
      <translation>{where}: nennt kein Bild; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{where}: {value} is not a number; correct the bundle.</source>
      <translation>{where}: {value} ist keine Zahl; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>It is a network of slices (2D), which takes volumes slice by slice and leaves the distance of slices as it is.</source>
      <translation>Es ist ein Netz für Schichten (2D), das Volumina Schicht für Schicht nimmt und den Abstand der Schichten lässt, wie er ist.</translation>
    </message>
    <message>
      <source>`segment` prepares images and runs it as nnU-Net does{cascade:?|; jobs do it as with all models}.</source>
      <translation>`segment` bereitet Bilder vor und führt es aus wie nnU-Net{cascade:?|; Jobs tun es wie bei allen Modellen}.</translation>
    </message>
    <message>
      <source>Its plans resample in a way that is not known here, so `segment` does not run it as nnU-Net does.</source>
      <translation>Seine Pläne rechnen auf eine Weise um, die hier nicht bekannt ist, deshalb führt `segment` es nicht so aus wie nnU-Net.</translation>
    </message>
    <message>
      <source>Its folder's name says otherwise, and its checkpoint was trained with `{name}`, which was taken.</source>
      <translation>Der Name seines Ordners sagt etwas anderes; sein Checkpoint wurde mit `{name}` trainiert, und das wurde genommen.</translation>
    </message>
    <message>
      <source>This is one of its {count} networks ({fold}); nnU-Net averages them all.</source>
      <translation>Das ist eines seiner {count} Netze ({fold}); nnU-Net mittelt sie alle.</translation>
    </message>
    <message>
      <source>Its dropout, which does nothing in use, is left out.</source>
      <translation>Sein Dropout, das in der Anwendung nichts tut, wird weggelassen.</translation>
    </message>
    <message>
      <source>{path}: was trained with another configuration than {first}, so the two are no folds of one model; choose one with {option}.</source>
      <translation>{path}: wurde mit einer anderen Konfiguration trainiert als {first}, die beiden gehören also nicht zu einem Modell; wählen Sie eines mit {option}.</translation>
    </message>
    <message>
      <source>Its {count} networks, one a fold, are averaged; a job begins from {fold}.</source>
      <translation>Seine {count} Netze, eines je Fold, werden gemittelt; ein Job beginnt mit {fold}.</translation>
    </message>
    <message>
      <source>It is a cascade: {first} comes first, and what that finds is shown to it beside the images. `segment` runs both; no job begins from it.</source>
      <translation>Es ist eine Kaskade: {first} kommt zuerst, und was das findet, wird ihm neben den Bildern gezeigt. `segment` führt beide aus; kein Job beginnt damit.</translation>
    </message>
    <message>
      <source>{path}: does not say how {channels:~the channel|each of the {channels} channels} is normalised; the model is not complete.</source>
      <translation>{path}: sagt nicht, wie {channels:~der Kanal|jeder der {channels} Kanäle} normalisiert wird; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{path}: `{name}` is {value}, which is not nnU-Net's own, so images would not be prepared as the model expects; if it does the same as `{known}`, write that there, and import it again.</source>
      <translation>{path}: `{name}` ist {value}, was nicht von nnU-Net selbst ist, also würden Bilder nicht so vorbereitet, wie das Modell es erwartet; tut es dasselbe wie `{known}`, schreiben Sie das hin, und importieren Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{where}: the intensities of the training images are missing; the model is not complete.</source>
      <translation>{where}: Die Intensitäten der Trainingsbilder fehlen; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{where}: normalisation `{scheme}` is not known; the model cannot be imported.</source>
      <translation>{where}: Die Normalisierung `{scheme}` ist nicht bekannt; das Modell kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{path}: lists no labels; the model is not complete.</source>
      <translation>{path}: nennt keine Labels; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{path}: was trained on regions and has no `regions_class_order`, which says how they are painted; the model is not complete.</source>
      <translation>{path}: wurde mit Regionen trainiert und hat kein `regions_class_order`, das sagt, wie sie gemalt werden; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{path}: the labels' values are not 0, 1, 2, …; the model is not complete.</source>
      <translation>{path}: Die Werte der Labels sind nicht 0, 1, 2, …; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{path}: lists no channels; the model is not complete.</source>
      <translation>{path}: nennt keine Kanäle; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{path}: lists no configurations; is it a nnU-Net v2 model?</source>
      <translation>{path}: nennt keine Konfigurationen; ist es ein Modell von nnU-Net v2?</translation>
    </message>
    <message>
      <source>{path}: has no configuration `{name}`; choose one of {known}.</source>
      <translation>{path}: hat keine Konfiguration `{name}`; wählen Sie eine von {known}.</translation>
    </message>
    <message>
      <source>{path}: was trained with the configuration `{trained}`, not `{name}`, so its weights are not those of `{name}`; choose the folder of `{name}`, or leave out {option}.</source>
      <translation>{path}: wurde mit der Konfiguration `{trained}` trainiert, nicht `{name}`, also sind seine Gewichte nicht die von `{name}`; wählen Sie den Ordner von `{name}`, oder lassen Sie {option} weg.</translation>
    </message>
    <message>
      <source>{path}: `inherits_from` goes in a circle, from `{name}` back to `{parent}`; fetch it again.</source>
      <translation>{path}: `inherits_from` läuft im Kreis, von `{name}` zurück zu `{parent}`; holen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: is no object with names; is it a nnU-Net v2 model?</source>
      <translation>{path}: ist kein Objekt mit Namen; ist es ein Modell von nnU-Net v2?</translation>
    </message>
    <message>
      <source>{path}: `{name}` is {values}, not {count} positive numbers; the model is not complete.</source>
      <translation>{path}: `{name}` ist {values}, nicht {count} positive Zahlen; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{path}: is the second stage of a cascade, and needs the model of the first, `{previous}`, of the same training; {several:?of several folders beside it that hold one ({found:…}), leave one there|put its folder beside this one}.</source>
      <translation>{path}: ist die zweite Stufe einer Kaskade und braucht das Modell der ersten, `{previous}`, aus demselben Training; {several:?lassen Sie von mehreren Ordnern daneben, die eines enthalten ({found:…}), einen dort|legen Sie dessen Ordner daneben}.</translation>
    </message>
    <message>
      <source>{path}: `{name}` is the first stage of a cascade and has a `previous_stage` itself, and cascades have two stages; fetch the model again.</source>
      <translation>{path}: `{name}` ist die erste Stufe einer Kaskade und hat selbst eine `previous_stage`, Kaskaden haben aber zwei Stufen; holen Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <source>{path}: its labels are {labels:…} (channels: {channels:…}), those of the first stage beside it {first_labels:…} ({first_channels:…}); put the first stage of the same training there.</source>
      <translation>{path}: Die Labels sind {labels:…} (Kanäle: {channels:…}), die der ersten Stufe daneben {first_labels:…} ({first_channels:…}); legen Sie die erste Stufe desselben Trainings dorthin.</translation>
    </message>
    <message>
      <source>{path}: its plans resample images, labels or outputs in a way that is not known here, so what the first stage finds cannot be shown to the second; import the first stage by itself.</source>
      <translation>{path}: Die Pläne rechnen Bilder, Labels oder Ausgaben auf eine Weise um, die hier nicht bekannt ist, also kann der zweiten Stufe nicht gezeigt werden, was die erste findet; importieren Sie die erste Stufe für sich.</translation>
    </message>
    <message>
      <source>{path}: no such file, and without it a nnU-Net model cannot be read; put the one of its training there, or fetch the model again.</source>
      <translation>{path}: keine solche Datei, und ohne sie kann ein Modell von nnU-Net nicht gelesen werden; legen Sie die seines Trainings dorthin, oder holen Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <source>{path}: has no `{fold}`; there are {folds}.</source>
      <translation>{path}: hat kein `{fold}`; es gibt {folds}.</translation>
    </message>
    <message>
      <source>{path}: has no `{name}` in {wanted:?{wanted}|any fold}; there are {found:…`}.</source>
      <translation>{path}: hat kein `{name}` in {wanted:?{wanted}|irgendeinem Fold}; es gibt {found:…`}.</translation>
    </message>
    <message>
      <source>{path}: has no {usual} in {wanted:?{wanted}|a fold}, but {found:…`} (nnU-Net writes checkpoint_latest.pth while a training goes on, so it may not have ended); to take that one, add {option}.</source>
      <translation>{path}: hat kein {usual} in {wanted:?{wanted}|einem Fold}, aber {found:…`} (nnU-Net schreibt checkpoint_latest.pth, während ein Training läuft, es mag also nicht zu Ende sein); um das zu nehmen, geben Sie {option} dazu.</translation>
    </message>
    <message>
      <source>{path}: holds no fold_*/checkpoint_final.pth; the model is not complete, fetch it again.</source>
      <translation>{path}: enthält kein fold_*/checkpoint_final.pth; das Modell ist nicht vollständig, holen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{option} {value}: is no orientation; give three letters of R or L, A or P, S or I, such as RAS or LPS, or `file` for the axes of each file.</source>
      <translation>{option} {value}: ist keine Ausrichtung; geben Sie drei Buchstaben an aus R oder L, A oder P, S oder I, etwa RAS oder LPS, oder `file` für die Achsen jeder Datei.</translation>
    </message>
    <message>
      <source>Images are shown to it with the axes {orientation}, as was said at the import.</source>
      <translation>Bilder werden ihm mit den Achsen {orientation} gezeigt, wie beim Import angegeben.</translation>
    </message>
    <message>
      <source>nnU-Net shows it the voxels in the order of the file{by:? ({by})|}, and so does `segment`. Which orientation its training images had is not recorded, so jobs, and `segment --no-as-nnunet`, show it right, anterior, superior; if you know it, import it with --orientation.</source>
      <translation>nnU-Net zeigt ihm die Voxel in der Reihenfolge der Datei{by:? ({by})|}, und das tut auch `segment`. Welche Ausrichtung seine Trainingsbilder hatten, ist nicht festgehalten, deshalb zeigen ihm Jobs und `segment --no-as-nnunet` rechts, anterior, superior; wenn Sie sie kennen, importieren Sie es mit --orientation.</translation>
    </message>
    <message>
      <source>nnU-Net shows it images with the axes right, anterior, superior ({reader}).</source>
      <translation>nnU-Net zeigt ihm Bilder mit den Achsen rechts, anterior, superior ({reader}).</translation>
    </message>
    <message>
      <source>nnU-Net does not record how its images were oriented; taken as right, anterior, superior.</source>
      <translation>nnU-Net hält nicht fest, wie seine Bilder ausgerichtet waren; angenommen wird rechts, anterior, superior.</translation>
    </message>
    <message>
      <source>{path}: `transpose_forward` is {order}, not an order of three axes; fetch it again.</source>
      <translation>{path}: `transpose_forward` ist {order}, keine Reihenfolge von drei Achsen; holen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{where}: has no `arch_kwargs`; the model is not complete.</source>
      <translation>{where}: hat keine `arch_kwargs`; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{where}: network `{network}` is not known; {known} can be imported.</source>
      <translation>{where}: Das Netz `{network}` ist nicht bekannt; {known} können importiert werden.</translation>
    </message>
    <message>
      <source>{where}: its convolutions are `{convolution}`, and its patches have {dimensions} sides; the model is not complete.</source>
      <translation>{where}: Seine Faltungen sind `{convolution}`, und seine Ausschnitte haben {dimensions} Seiten; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{where}: `{name}` is not as nnU-Net's own trainers set it; the model cannot be imported.</source>
      <translation>{where}: `{name}` ist nicht so, wie nnU-Nets eigene Trainer es setzen; das Modell kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: `{name}` is not a list with one number or {dimensions} a level; the model is not complete.</source>
      <translation>{where}: `{name}` ist keine Liste mit einer Zahl oder {dimensions} je Ebene; das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{where}: `{argument}` is missing or not supported; the model cannot be imported.</source>
      <translation>{where}: `{argument}` fehlt oder wird nicht unterstützt; das Modell kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: `{argument}` is not known; the model cannot be imported.</source>
      <translation>{where}: `{argument}` ist nicht bekannt; das Modell kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{where}: describes {count:,} levels, at most {most} are read; fetch it again.</source>
      <translation>{where}: beschreibt {count:,} Ebenen, höchstens {most} werden gelesen; holen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{where}: describes no network that is known ({reason}); the model is not complete.</source>
      <translation>{where}: beschreibt kein bekanntes Netz ({reason}); das Modell ist nicht vollständig.</translation>
    </message>
    <message>
      <source>`{key}` is missing</source>
      <translation>`{key}` fehlt</translation>
    </message>
    <message>
      <source>{path}: `{name}` is {here}, and the checkpoint was trained with {trained}, so the two are not of one training; put the plans.json of the checkpoint's training there.</source>
      <translation>{path}: `{name}` ist {here}, und der Checkpoint wurde mit {trained} trainiert, also sind die beiden nicht von einem Training; legen Sie die plans.json vom Training des Checkpoints dorthin.</translation>
    </message>
    <message>
      <source>Its {labels:?labels|channels} were renamed after the training: `{trained}` is `{here}` now, for one.</source>
      <translation>Seine {labels:?Labels|Kanäle} wurden nach dem Training umbenannt: `{trained}` heißt jetzt zum Beispiel `{here}`.</translation>
    </message>
    <message>
      <source>{path}: its {labels:?labels|channels} are {here:…}, and the checkpoint was trained on {trained:…}; put the dataset.json of the checkpoint's training there.</source>
      <translation>{path}: Die {labels:?Labels|Kanäle} sind {here:…}, und der Checkpoint wurde mit {trained:…} trainiert; legen Sie die dataset.json vom Training des Checkpoints dorthin.</translation>
    </message>
    <message>
      <source>{path}: is a model of the first version of nnU-Net (its plans are a pickle), and only those of nnU-Net v2 are read; ask its author for one, or train it again with v2.</source>
      <translation>{path}: ist ein Modell der ersten Version von nnU-Net (seine Pläne sind ein Pickle), und nur die von nnU-Net v2 werden gelesen; bitten Sie den Autor um eines, oder trainieren Sie es mit v2 noch einmal.</translation>
    </message>
    <message>
      <source>{path}: holds a model of TransferSeg's own, in {folder}; unpack it where it is packed, and add that folder.</source>
      <translation>{path}: enthält in {folder} ein eigenes Modell von TransferSeg; entpacken Sie es, wo es gepackt ist, und nehmen Sie jenen Ordner auf.</translation>
    </message>
    <message>
      <source>{path}: holds {title} (`{name}`), which is not read, and no model that is ({known}); ask its author for the weights as PyTorch has them (a state dict, or safetensors).</source>
      <translation>{path}: enthält {title} (`{name}`), was nicht gelesen wird, und kein Modell, das gelesen wird ({known}); bitten Sie den Autor um die Gewichte, wie PyTorch sie hat (ein State Dict oder safetensors).</translation>
    </message>
    <message>
      <source>{path}: holds TorchScript (`{name}`), a program, which is not read, and no model that is ({known}); ask its author for the state dict.</source>
      <translation>{path}: enthält TorchScript (`{name}`), ein Programm, das nicht gelesen wird, und kein Modell, das gelesen wird ({known}); bitten Sie den Autor um das State Dict.</translation>
    </message>
    <message>
      <source>{path}: holds weights alone ({files:…`}), and nothing that says which network they are for; unpack it where it is packed, and give one of the files with {option}.</source>
      <translation>{path}: enthält nur Gewichte ({files:…`}), und nichts, das sagt, zu welchem Netz sie gehören; entpacken Sie es, wo es gepackt ist, und geben Sie eine der Dateien mit {option} an.</translation>
    </message>
    <message>
      <source>{path}: holds no model, but {archives:…`}; unpack that, and import what is in it.</source>
      <translation>{path}: enthält kein Modell, aber {archives:…`}; entpacken Sie das, und importieren Sie, was darin ist.</translation>
    </message>
    <message>
      <source>{path}: holds no model that can be imported ({known}); choose the model's own folder.</source>
      <translation>{path}: enthält kein Modell, das importiert werden kann ({known}); wählen Sie den Ordner des Modells selbst.</translation>
    </message>
    <message>
      <source>`{name}`: consists of {count} models, and one of them is needed here; `{part}` has {labels}, so give that.</source>
      <translation>`{name}`: besteht aus {count} Modellen, und eines davon wird hier gebraucht; `{part}` hat {labels}, geben Sie also das an.</translation>
    </message>
    <message>
      <source>`{name}`: consists of {count} models, and one of them is needed here: {parts:`}.</source>
      <translation>`{name}`: besteht aus {count} Modellen, und eines davon wird hier gebraucht: {parts:`}.</translation>
    </message>
    <message>
      <source>{path}: is not the file the card was written for (SHA-256 differs); fetch the model again.</source>
      <translation>{path}: ist nicht die Datei, für die die Karte geschrieben wurde (die SHA-256 ist anders); holen Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <source>{where}: the network described has nothing in `{name}`; correct the network on the card.</source>
      <translation>{where}: Das beschriebene Netz hat nichts in `{name}`; berichtigen Sie das Netz auf der Karte.</translation>
    </message>
    <message>
      <source>{where}: the network described has {needed:,} values, the weights hold {held:,}; correct the network or the labels.</source>
      <translation>{where}: Das beschriebene Netz hat {needed:,} Werte, die Gewichte haben {held:,}; berichtigen Sie das Netz oder die Labels.</translation>
    </message>
    <message>
      <source>{where}: {found} of {count} tensors of the encoder are in the file, {share} of its values, and {needed} are needed (`{name}`: {how}); choose weights that were made with this network.</source>
      <translation>{where}: {found} von {count} Tensoren des Encoders stehen in der Datei, {share} seiner Werte, und {needed} werden gebraucht (`{name}`: {how}); wählen Sie Gewichte, die mit diesem Netz gemacht wurden.</translation>
    </message>
    <message>
      <source>{where}: the weights are of a network for slices (2D), and the network described is for volumes; {bare:?correct the network on the card, or, to have kernels repeated across the slices, give {option}|choose the weights of that network}.</source>
      <translation>{where}: Die Gewichte sind von einem Netz für Schichten (2D), und das beschriebene Netz ist für Volumina; {bare:?berichtigen Sie das Netz auf der Karte, oder geben Sie {option} an, damit Kerne über die Schichten wiederholt werden|wählen Sie die Gewichte jenes Netzes}.</translation>
    </message>
    <message>
      <source>{where}: the weights have {outputs} {outputs:~output|outputs}, the card has {labels} {labels:~label|labels} and a background, which is {card_outputs}: correct the card's labels; the weights take {channels} {channels:~channel|channels}, the card names {card_channels}: correct the card's channels.</source>
      <translation>{where}: Die Gewichte haben {outputs} {outputs:~Ausgang|Ausgänge}, die Karte hat {labels} {labels:~Label|Labels} und einen Hintergrund, also {card_outputs}: Berichtigen Sie die Labels der Karte; die Gewichte nehmen {channels} {channels:~Kanal|Kanäle}, die Karte nennt {card_channels}: Berichtigen Sie die Kanäle der Karte.</translation>
    </message>
    <message>
      <source>{where}: the weights have {outputs} {outputs:~output|outputs}, the card has {labels} {labels:~label|labels} and a background, which is {card_outputs}: correct the card's labels.</source>
      <translation>{where}: Die Gewichte haben {outputs} {outputs:~Ausgang|Ausgänge}, die Karte hat {labels} {labels:~Label|Labels} und einen Hintergrund, also {card_outputs}: Berichtigen Sie die Labels der Karte.</translation>
    </message>
    <message>
      <source>{where}: the weights take {channels} {channels:~channel|channels}, the card names {card_channels}: correct the card's channels.</source>
      <translation>{where}: Die Gewichte nehmen {channels} {channels:~Kanal|Kanäle}, die Karte nennt {card_channels}: Berichtigen Sie die Kanäle der Karte.</translation>
    </message>
    <message>
      <source>{where}: the weights hold `{name}`, and the network described has no `{part}` there (another normalisation, or no bias), so the model would not be the same; correct the network on the card.</source>
      <translation>{where}: Die Gewichte haben `{name}`, und das beschriebene Netz hat dort kein `{part}` (eine andere Normalisierung, oder kein Bias), also wäre das Modell nicht dasselbe; berichtigen Sie das Netz auf der Karte.</translation>
    </message>
    <message>
      <source>{where}: the network described takes images in steps of ({divisor}) voxels, which none has; correct the network on the card.</source>
      <translation>{where}: Das beschriebene Netz nimmt Bilder in Schritten von ({divisor}) Voxeln, die keines hat; berichtigen Sie das Netz auf der Karte.</translation>
    </message>
    <message>
      <source>{where}: the network described cannot be run ({reason}); correct the card.</source>
      <translation>{where}: Das beschriebene Netz läuft nicht ({reason}); berichtigen Sie die Karte.</translation>
    </message>
    <message>
      <source>{where}: the network does not give a finite number for each voxel and class; use other weights.</source>
      <translation>{where}: Das Netz gibt nicht für jeden Voxel und jede Klasse eine endliche Zahl; nehmen Sie andere Gewichte.</translation>
    </message>
    <message>
      <source>{where}: the weights hold `{name}`, for which the network described has no place, so the model would not be the same; it cannot be imported.</source>
      <translation>{where}: Die Gewichte haben `{name}`, wofür das beschriebene Netz keinen Platz hat, also wäre das Modell nicht dasselbe; es kann nicht importiert werden.</translation>
    </message>
    <message>
      <source>{count} {count:~tensor|tensors} loaded</source>
      <translation>{count} {count:~Tensor|Tensoren} geladen</translation>
    </message>
    <message>
      <source>{count} adapted</source>
      <translation>{count} angepasst</translation>
    </message>
    <message>
      <source>{count} new</source>
      <translation>{count} neu</translation>
    </message>
    <message>
      <source>{count} of the file not used</source>
      <translation>{count} der Datei nicht benutzt</translation>
    </message>
    <message>
      <source>{parts}: {share} of the network's values come from the source.</source>
      <translation>{parts}: {share} der Werte des Netzes kommen vom Ausgangsmodell.</translation>
    </message>
    <message>
      <source>only {share} of the network's values are in the weights and {needed} are needed (`{name}`: {how}); choose weights that were made with this network.</source>
      <translation>nur {share} der Werte des Netzes stehen in den Gewichten, und {needed} werden gebraucht (`{name}`: {how}); wählen Sie Gewichte, die mit diesem Netz gemacht wurden.</translation>
    </message>
    <message>
      <source>the weights are not laid out as this network's are ({reason}); choose others.</source>
      <translation>die Gewichte sind nicht angeordnet wie die dieses Netzes ({reason}); wählen Sie andere.</translation>
    </message>
    <message>
      <source>source class {number} is asked for, but the weights have {count} (`{name}`, counted from 0); check the source model's card and the label map.</source>
      <translation>die Klasse {number} des Ausgangsmodells ist verlangt, aber die Gewichte haben {count} (`{name}`, ab 0 gezählt); prüfen Sie die Karte des Ausgangsmodells und die Zuordnung der Labels.</translation>
    </message>
    <message>
      <source>source channel {number} is asked for, but the weights have {count} (`{name}`, counted from 0); check the source model's card and the label map.</source>
      <translation>der Kanal {number} des Ausgangsmodells ist verlangt, aber die Gewichte haben {count} (`{name}`, ab 0 gezählt); prüfen Sie die Karte des Ausgangsmodells und die Zuordnung der Labels.</translation>
    </message>
    <message>
      <source>Give {option} {model} to use the source model instead{own:?, which has its own labels ({labels:…})|}.</source>
      <translation>Geben Sie {option} {model} an, um stattdessen das Ausgangsmodell zu benutzen{own:?, das seine eigenen Labels hat ({labels:…})|}.</translation>
    </message>
    <message>
      <source>The source model, {model}, is not on this computer any more; get it again to use it instead.</source>
      <translation>Das Ausgangsmodell, {model}, ist nicht mehr auf diesem Computer; holen Sie es wieder, um es stattdessen zu benutzen.</translation>
    </message>
    <message>
      <source>{path}: is there already; give another name, or delete it first.</source>
      <translation>{path}: ist schon da; geben Sie einen anderen Namen, oder löschen Sie es zuerst.</translation>
    </message>
    <message>
      <source>{path}: cannot be written ({reason}); free space, or choose another folder.</source>
      <translation>{path}: kann nicht geschrieben werden ({reason}); schaffen Sie Platz, oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <source>`{name}`: ships with TransferSeg, so it is on every computer that has it; leave it out.</source>
      <translation>`{name}`: kommt mit TransferSeg, ist also auf jedem Computer, der es hat; lassen Sie es weg.</translation>
    </message>
    <message>
      <source>{path}: has no {file}, so `{pack}` did not write it; take a model of another program in with `{command}`.</source>
      <translation>{path}: hat kein {file}, also hat `{pack}` es nicht geschrieben; nehmen Sie ein Modell eines anderen Programms mit `{command}` auf.</translation>
    </message>
    <message>
      <source>{path}: `{name}` is not as it was packed, so nothing of it was taken in; copy the file again, or pack it again.</source>
      <translation>{path}: `{name}` ist nicht, wie es gepackt wurde, also wurde nichts davon aufgenommen; kopieren Sie die Datei noch einmal, oder packen Sie sie neu.</translation>
    </message>
    <message>
      <source>{path}: not a complete zip archive ({reason}); fetch it again.</source>
      <translation>{path}: kein vollständiges Zip-Archiv ({reason}); holen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: cannot be unpacked ({reason}); {full:?free space in|check its permissions and those of} the folder for temporary files (TMPDIR) and try again.</source>
      <translation>{path}: kann nicht entpackt werden ({reason}); {full:?schaffen Sie Platz in dem|prüfen Sie seine Rechte und die des} {full:?Ordner|Ordners} für temporäre Dateien (TMPDIR), und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: has {count:,} members, at most {most:,} are read; is it a model?</source>
      <translation>{path}: hat {count:,} Einträge, höchstens {most:,} werden gelesen; ist es ein Modell?</translation>
    </message>
    <message>
      <source>would be written outside its folder</source>
      <translation>würde außerhalb seines Ordners geschrieben</translation>
    </message>
    <message>
      <source>has a name that is no file's on some systems</source>
      <translation>hat einen Namen, den auf manchen Systemen keine Datei hat</translation>
    </message>
    <message>
      <source>is a link or a special file</source>
      <translation>ist ein Link oder eine besondere Datei</translation>
    </message>
    <message>
      <source>{path}: is protected by a password (member `{name}`), so nothing was unpacked; unpack it with the password, and import the folder.</source>
      <translation>{path}: ist mit einem Passwort geschützt (Eintrag `{name}`), also wurde nichts entpackt; entpacken Sie es mit dem Passwort, und importieren Sie den Ordner.</translation>
    </message>
    <message>
      <source>is compressed in an unusual way</source>
      <translation>ist auf ungewöhnliche Weise komprimiert</translation>
    </message>
    <message>
      <source>has a name that is too long for a file</source>
      <translation>hat einen Namen, der für eine Datei zu lang ist</translation>
    </message>
    <message>
      <source>is there twice</source>
      <translation>ist zweimal da</translation>
    </message>
    <message>
      <source>{path}: member `{name}` {reason}, so nothing was unpacked; do not use this file.</source>
      <translation>{path}: Der Eintrag `{name}` {reason}, also wurde nichts entpackt; benutzen Sie diese Datei nicht.</translation>
    </message>
    <message>
      <source>{path}: member `{name}` is a file, and a folder of other members, so nothing was unpacked; do not use this file.</source>
      <translation>{path}: Der Eintrag `{name}` ist eine Datei und ein Ordner anderer Einträge, also wurde nichts entpackt; benutzen Sie diese Datei nicht.</translation>
    </message>
    <message>
      <source>{path}: {size:,} bytes say they unpack to {declared:,}, so nothing was unpacked; do not use this file.</source>
      <translation>{path}: {size:,} Bytes sagen, sie entpackten sich zu {declared:,}, also wurde nichts entpackt; benutzen Sie diese Datei nicht.</translation>
    </message>
    <message>
      <source>{path}, line {line}: a whole number of {digits} digits, {number}…, is more than any can be; correct the bundle.</source>
      <translation>{path}, Zeile {line}: Eine ganze Zahl von {digits} Stellen, {number}…, ist mehr, als es geben kann; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{path}: holds no configuration (an object with names); fetch the bundle again.</source>
      <translation>{path}: enthält keine Konfiguration (ein Objekt mit Namen); holen Sie das Bundle noch einmal.</translation>
    </message>
    <message>
      <source>{where}: the references go in a circle; correct the bundle.</source>
      <translation>{where}: Die Verweise laufen im Kreis; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{path}: has no `{name}`; the bundle is not complete.</source>
      <translation>{path}: hat kein `{name}`; das Bundle ist nicht vollständig.</translation>
    </message>
    <message>
      <source>{where}: the references go in a circle, or too deep; correct the bundle.</source>
      <translation>{where}: Die Verweise laufen im Kreis oder zu tief; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{where}: with all before it, stands for more than {most:,} values, and no bundle has as many; correct the bundle.</source>
      <translation>{where}: steht mit allem davor für mehr als {most:,} Werte, und so viele hat kein Bundle; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{where}: {value} is not a number one can use; correct the bundle.</source>
      <translation>{where}: {value} ist keine brauchbare Zahl; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{where}: `{value}` would have to be {executed:?executed|pulled in from elsewhere}, and nothing in a bundle is; write the value itself there, and import it again.</source>
      <translation>{where}: `{value}` müsste {executed:?ausgeführt|von anderswo geholt} werden, und das geschieht in einem Bundle nicht; schreiben Sie den Wert selbst hin, und importieren Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{where}: `{value}` refers to nothing in the file; correct the bundle.</source>
      <translation>{where}: `{value}` verweist auf nichts in der Datei; berichtigen Sie das Bundle.</translation>
    </message>
    <message>
      <source>{path}: is compressed or packed ({kind}), and only zip archives are opened; unpack it, and import what it held.</source>
      <translation>{path}: ist komprimiert oder gepackt ({kind}), und nur Zip-Archive werden geöffnet; entpacken Sie es, und importieren Sie, was darin war.</translation>
    </message>
    <message>
      <source>{path}: is the answer of a server (`{text}`), not a model; its address was wrong, or asks for a login: download the file itself in a browser.</source>
      <translation>{path}: ist die Antwort eines Servers (`{text}`), kein Modell; die Adresse war falsch, oder verlangt eine Anmeldung: Laden Sie die Datei selbst mit einem Browser herunter.</translation>
    </message>
    <message>
      <source>{where}: is a pickle, and not one that torch.save writes by itself, so it was not opened, because it could run code; ask its author for the weights saved by torch.save, or as safetensors.</source>
      <translation>{where}: ist ein Pickle, und keines, das torch.save von sich aus schreibt, wurde also nicht geöffnet, weil es Code ausführen könnte; bitten Sie den Autor um die Gewichte, mit torch.save gespeichert, oder als safetensors.</translation>
    </message>
    <message>
      <source>{where}: is TorchScript, a program, which is not read; ask its author for the state dict alone, or, if you trust it, write that with `{line}`.</source>
      <translation>{where}: ist TorchScript, ein Programm, das nicht gelesen wird; bitten Sie den Autor um das State Dict allein, oder schreiben Sie es, wenn Sie ihm trauen, mit `{line}`.</translation>
    </message>
    <message>
      <source>{path}: is a program of torch.export, which is not read; ask its author for the state dict alone.</source>
      <translation>{path}: ist ein Programm von torch.export, das nicht gelesen wird; bitten Sie den Autor um das State Dict allein.</translation>
    </message>
    <message>
      <source>{path}: is {title}, which is not read; ask its author for the weights as PyTorch has them (a state dict, or safetensors).</source>
      <translation>{path}: ist {title}, was nicht gelesen wird; bitten Sie den Autor um die Gewichte, wie PyTorch sie hat (ein State Dict oder safetensors).</translation>
    </message>
    <message>
      <source>{where}: is not a complete weights file of torch; fetch it again.</source>
      <translation>{where}: ist keine vollständige Gewichtsdatei von torch; holen Sie sie noch einmal.</translation>
    </message>
    <message>
      <source>{where}: is no weights file of torch{text:?, but a text|}; choose the file with the weights, or fetch it again.</source>
      <translation>{where}: ist keine Gewichtsdatei von torch{text:?, sondern ein Text|}; wählen Sie die Datei mit den Gewichten, oder holen Sie sie noch einmal.</translation>
    </message>
    <message>
      <source>{where}: has more than {most:,} tensors, and no network does; do not use this file.</source>
      <translation>{where}: hat mehr als {most:,} Tensoren, und so viele hat kein Netz; benutzen Sie diese Datei nicht.</translation>
    </message>
    <message>
      <source>{where}: declares more data than the file has, so it was not opened; fetch it again.</source>
      <translation>{where}: gibt mehr Daten an, als die Datei hat, wurde also nicht geöffnet; holen Sie sie noch einmal.</translation>
    </message>
    <message>
      <source>{where}: is a zip archive of {count:,} files, and not a file of weights; unpack it, and choose the weights in it.</source>
      <translation>{where}: ist ein Zip-Archiv mit {count:,} Dateien, und keine Datei mit Gewichten; entpacken Sie es, und wählen Sie die Gewichte darin.</translation>
    </message>
    <message>
      <source>{where}: declares {wanted:,} bytes for a tensor of which it has {held:,}, so it was not opened; fetch it again.</source>
      <translation>{where}: gibt {wanted:,} Bytes für einen Tensor an, von dem sie {held:,} hat, wurde also nicht geöffnet; holen Sie sie noch einmal.</translation>
    </message>
    <message>
      <source>{where}: declares {wanted:,} bytes of tensors in {size:,} bytes of file, so it was not opened; fetch it again.</source>
      <translation>{where}: gibt {wanted:,} Bytes an Tensoren in {size:,} Bytes Datei an, wurde also nicht geöffnet; holen Sie sie noch einmal.</translation>
    </message>
    <message>
      <source>{where}: was pickled by protocol {protocol}, and only {known}, which torch.save takes by itself, is read; ask its author to save it again without `{option}`, or as safetensors.</source>
      <translation>{where}: wurde mit dem Protokoll {protocol} gepickelt, und nur {known}, das torch.save von sich aus nimmt, wird gelesen; bitten Sie den Autor, sie ohne `{option}` noch einmal zu speichern, oder als safetensors.</translation>
    </message>
    <message>
      <source>{where}: has a tensor that is not a plain array of real numbers (`{kind}`); save it as one.</source>
      <translation>{where}: hat einen Tensor, der kein einfaches Feld reeller Zahlen ist (`{kind}`); speichern Sie ihn als eines.</translation>
    </message>
    <message>
      <source>{where}: holds an object of a program (`{name}`), probably a whole model, in place of weights by name, and was not opened, because it could run code; ask its author for the state dict alone (`{line}`), or for safetensors.</source>
      <translation>{where}: enthält ein Objekt eines Programms (`{name}`), vermutlich ein ganzes Modell, statt Gewichten mit Namen, und wurde nicht geöffnet, weil es Code ausführen könnte; bitten Sie den Autor um das State Dict allein (`{line}`), oder um safetensors.</translation>
    </message>
    <message>
      <source>{where}: holds more than tensors (`{name}`) and was not opened further, because it could run code; ask its author for the state dict alone, or for safetensors.</source>
      <translation>{where}: enthält mehr als Tensoren (`{name}`) und wurde nicht weiter geöffnet, weil es Code ausführen könnte; bitten Sie den Autor um das State Dict allein, oder um safetensors.</translation>
    </message>
    <message>
      <source>{where}: holds more than tensors and was not opened further, because it could run code; ask its author for the state dict alone, or for safetensors.</source>
      <translation>{where}: enthält mehr als Tensoren und wurde nicht weiter geöffnet, weil es Code ausführen könnte; bitten Sie den Autor um das State Dict allein, oder um safetensors.</translation>
    </message>
    <message>
      <source>{where}: unpacks to more data than the file has, so it was not opened; do not use it.</source>
      <translation>{where}: entpackt sich zu mehr Daten, als die Datei hat, wurde also nicht geöffnet; benutzen Sie sie nicht.</translation>
    </message>
    <message>
      <source>{where}: has more than {most:,} numbers for names, and no network does; do not use this file.</source>
      <translation>{where}: hat mehr als {most:,} Zahlen als Namen, und so viele hat kein Netz; benutzen Sie diese Datei nicht.</translation>
    </message>
    <message>
      <source>{where}: has a tensor that is not a plain array of real numbers; save it as one.</source>
      <translation>{where}: hat einen Tensor, der kein einfaches Feld reeller Zahlen ist; speichern Sie ihn als eines.</translation>
    </message>
    <message>
      <source>{path}: holds no tensors; choose a file with the weights of a network.</source>
      <translation>{path}: enthält keine Tensoren; wählen Sie eine Datei mit den Gewichten eines Netzes.</translation>
    </message>
    <message>
      <source>The file has weights in `{taken}` and {others:`}; the former were taken.</source>
      <translation>Die Datei hat Gewichte in `{taken}` und {others:`}; die ersteren wurden genommen.</translation>
    </message>
    <message>
      <source>{path}: not a complete safetensors file ({reason}); fetch it again.</source>
      <translation>{path}: keine vollständige safetensors-Datei ({reason}); holen Sie sie noch einmal.</translation>
    </message>
    <message>
      <source>{path}: torch {version} cannot read such a file safely; install torch 2.10 or newer, or convert the file to safetensors.</source>
      <translation>{path}: torch {version} kann so eine Datei nicht sicher lesen; installieren Sie torch 2.10 oder neuer, oder konvertieren Sie die Datei in safetensors.</translation>
    </message>
    <message>
      <source>{path}: holds {kind}, not tensors by name; choose a file with a state dict.</source>
      <translation>{path}: enthält {kind}, keine Tensoren mit Namen; wählen Sie eine Datei mit einem State Dict.</translation>
    </message>
    <message>
      <source>{path}: the name of a tensor is too long or has control characters (`{name}…`); do not use this file.</source>
      <translation>{path}: Der Name eines Tensors ist zu lang oder hat Steuerzeichen (`{name}…`); benutzen Sie diese Datei nicht.</translation>
    </message>
    <message>
      <source>{path}: tensor `{name}` ({kind}, {dimensions} dimensions) is not a plain array of real numbers with at most {most} dimensions; save it as one.</source>
      <translation>{path}: Der Tensor `{name}` ({kind}, {dimensions} Dimensionen) ist kein einfaches Feld reeller Zahlen mit höchstens {most} Dimensionen; speichern Sie ihn als eines.</translation>
    </message>
    <message>
      <source>{path}: declares {declared:,} bytes of tensors in {size:,} bytes of file, so it was not used; fetch it again.</source>
      <translation>{path}: gibt {declared:,} Bytes an Tensoren in {size:,} Bytes Datei an, wurde also nicht benutzt; holen Sie sie noch einmal.</translation>
    </message>
    <message>
      <source>{path}: tensor `{name}` has values that are not finite; use another state of training.</source>
      <translation>{path}: Der Tensor `{name}` hat Werte, die nicht endlich sind; nehmen Sie einen anderen Stand des Trainings.</translation>
    </message>
    <message>
      <source>the norm of the gradients is {norm}</source>
      <translation>die Norm der Gradienten ist {norm}</translation>
    </message>
    <message>
      <source>there is no annotated case to train on; annotate at least one.</source>
      <translation>es gibt keinen annotierten Fall zum Trainieren; annotieren Sie mindestens einen.</translation>
    </message>
    <message>
      <source>the loss is {loss}</source>
      <translation>der Verlust ist {loss}</translation>
    </message>
    <message>
      <source>the weights are not finite</source>
      <translation>die Gewichte sind nicht endlich</translation>
    </message>
    <message>
      <source>the trained network's loss is {loss}</source>
      <translation>der Verlust des trainierten Netzes ist {loss}</translation>
    </message>
    <message>
      <source>{found} after {steps} {steps:~step|steps}</source>
      <translation>{found} nach {steps} {steps:~Schritt|Schritten}</translation>
    </message>
    <message>
      <source>{option} and {other_option}: how many steps fit into a time differs from run to run; give {steps_option} or {epochs_option}.</source>
      <translation>{option} und {other_option}: Wie viele Schritte in eine Zeit passen, ist von Lauf zu Lauf verschieden; geben Sie {steps_option} oder {epochs_option} an.</translation>
    </message>
    <message>
      <source>{option} {name}: has the levels {levels:`}; give one of them, beside the others.</source>
      <translation>{option} {name}: hat die Stufen {levels:`}; geben Sie eine davon neben den anderen an.</translation>
    </message>
    <message>
      <source>{option} {value}: a patch of so many voxels does not fit into memory; choose a smaller one.</source>
      <translation>{option} {value}: Ein Ausschnitt von so vielen Voxeln passt nicht in den Speicher; wählen Sie einen kleineren.</translation>
    </message>
    <message>
      <source>{option}: has no effect with {other_option}; leave it out, or choose another.</source>
      <translation>{option}: wirkt nicht mit {other_option}; lassen Sie es weg, oder wählen Sie ein anderes.</translation>
    </message>
    <message>
      <source>appendices 9.2 and 9.3, which are not at hand</source>
      <translation>Anhänge 9.2 und 9.3, die nicht vorliegen</translation>
    </message>
    <message>
      <source>their settings cannot be known</source>
      <translation>ihre Einstellungen lassen sich nicht in Erfahrung bringen</translation>
    </message>
    <message>
      <source>as fine-tuning; the losses of the source tasks are those of §4.1</source>
      <translation>wie die Feinabstimmung; die Verluste der Ausgangsaufgaben sind die aus §4.1</translation>
    </message>
    <message>
      <source>{path}: its cases have {count:,} {count:~channel|channels}, the target's {target_count:,}; use cases with the same channels.</source>
      <translation>{path}: Seine Fälle haben {count:,} {count:~Kanal|Kanäle}, die des Ziels {target_count:,}; nehmen Sie Fälle mit denselben Kanälen.</translation>
    </message>
    <message>
      <source>{path}: its cases have the channels {channels}, the target's {target_channels}; use cases with the same channels, or give the same ones the same names.</source>
      <translation>{path}: Seine Fälle haben die Kanäle {channels}, die des Ziels {target_channels}; nehmen Sie Fälle mit denselben Kanälen, oder geben Sie gleichen dieselben Namen.</translation>
    </message>
    <message>
      <source>choose a source model for its own modality: the window of one for CT would flatten it</source>
      <translation>wählen Sie ein Ausgangsmodell für diese Modalität: Das Fenster eines Modells für CT würde sie flach machen</translation>
    </message>
    <message>
      <source>of the source model `{model}`: {what}</source>
      <translation>zum Ausgangsmodell `{model}`: {what}</translation>
    </message>
    <message>
      <source>score it against the model that it was adapted from before you rely on it, or start from that one</source>
      <translation>bewerten Sie es neben dem Modell, von dem es angepasst wurde, bevor Sie sich darauf verlassen, oder beginnen Sie mit jenem</translation>
    </message>
    <message>
      <source>the source model `{model}` is for {modality}</source>
      <translation>das Ausgangsmodell `{model}` ist für {modality}</translation>
    </message>
    <message>
      <source>voxels of {spacing} mm are up to {factor:.2g} times off the {wanted} mm of the source model `{model}`</source>
      <translation>Voxel von {spacing} mm weichen bis zum {factor:.2g}-Fachen von den {wanted} mm des Ausgangsmodells `{model}` ab</translation>
    </message>
    <message>
      <source>expect less of it, or start from a model made for such voxels</source>
      <translation>erwarten Sie weniger davon, oder beginnen Sie mit einem Modell für solche Voxel</translation>
    </message>
    <message>
      <source>the source model learned from this very image, without its labels, so that scores on it may be a little too good</source>
      <translation>das Ausgangsmodell lernte von genau diesem Bild, ohne dessen Labels, also mögen Bewertungen daran etwas zu gut sein</translation>
    </message>
    <message>
      <source>the source model was trained or validated on this very image, so that all scores on it are too good</source>
      <translation>das Ausgangsmodell wurde mit genau diesem Bild trainiert oder validiert, also sind alle Bewertungen daran zu gut</translation>
    </message>
    <message>
      <source>start from a model that has not seen it, or score on other cases (role test)</source>
      <translation>beginnen Sie mit einem Modell, das es nicht gesehen hat, oder bewerten Sie an anderen Fällen (Rolle Test)</translation>
    </message>
    <message>
      <source>`{channel}` begins from {source:?its `{source}`|the mean of all of its}</source>
      <translation>`{channel}` beginnt mit {source:?seinem `{source}`|dem Mittel aller seiner Kanäle}</translation>
    </message>
    <message>
      <source>the cases have {count} {count:~channel|channels} ({channels:…}), the source model `{model}` {model_count} {model_count:~channel|channels} ({model_channels:…}): {begins}</source>
      <translation>die Fälle haben {count} {count:~Kanal|Kanäle} ({channels:…}), das Ausgangsmodell `{model}` {model_count} {model_count:~Kanal|Kanäle} ({model_channels:…}): {begins}</translation>
    </message>
    <message>
      <source>where two of them are the same, give the cases' channel the source model's name for it</source>
      <translation>wo zwei davon dasselbe sind, geben Sie dem Kanal der Fälle den Namen, den er im Ausgangsmodell hat</translation>
    </message>
    <message>
      <source>the cases have {count} {count:~channel|channels} ({channels:…}), the source model `{model}` {model_count} {model_count:~channel|channels} ({model_channels:…})</source>
      <translation>die Fälle haben {count} {count:~Kanal|Kanäle} ({channels:…}), das Ausgangsmodell `{model}` {model_count} {model_count:~Kanal|Kanäle} ({model_channels:…})</translation>
    </message>
    <message>
      <source>its first layer will be fitted to the cases; the job's report says how</source>
      <translation>seine erste Schicht wird den Fällen angepasst; der Bericht des Jobs sagt, wie</translation>
    </message>
    <message>
      <source>{pairs:…}, because the source model `{model}` has {count:~it|them} by {count:~this value|these values}{fewer:?; it has {known} {known:~label|labels}, the cases {labels}|}</source>
      <translation>{pairs:…}, weil das Ausgangsmodell `{model}` {count:~es unter diesem Wert|sie unter diesen Werten} hat{fewer:?; es hat {known} {known:~Label|Labels}, die Fälle {labels}|}</translation>
    </message>
    <message>
      <source>give the labels' names in labels.json, or a {option}</source>
      <translation>geben Sie die Namen der Labels in labels.json an, oder {option}</translation>
    </message>
    <message>
      <source>label {value} is taken to be `{label}`</source>
      <translation>das Label {value} gilt als `{label}`</translation>
    </message>
    <message>
      <source>{count:~your label|none of your labels} ({labels:…}) is {count:~not one|one} of the source model's ({theirs:…})</source>
      <translation>{count:~Ihr Label|keines Ihrer Labels} ({labels:…}) ist {count:~keines|eines} des Ausgangsmodells ({theirs:…})</translation>
    </message>
    <message>
      <source>if {count:~it is the same structure under another name|they are the same structures under other names}, say so with {option}; otherwise the source model cannot {count:~find it, and it is|find them, and they are} learned from your cases alone</source>
      <translation>{count:~ist es dieselbe Struktur unter einem anderen Namen|sind es dieselben Strukturen unter anderen Namen}, sagen Sie es mit {option}; sonst kann das Ausgangsmodell {count:~sie nicht finden, und sie wird|sie nicht finden, und sie werden} nur von Ihren Fällen gelernt</translation>
    </message>
    <message>
      <source>the source model `{model}` has {count:~no {labels:`}|none of {count} labels ({labels:…`})}, it has {theirs:…}</source>
      <translation>das Ausgangsmodell `{model}` hat {count:~kein {labels:`}|keines von {count} Labels ({labels:…`})}, es hat {theirs:…}</translation>
    </message>
    <message>
      <source>{path}: no label in any case, and the folder above it is a data set; give {parent}.</source>
      <translation>{path}: In keinem Fall ist ein Label, und der Ordner darüber ist ein Datensatz; geben Sie {parent} an.</translation>
    </message>
    <message>
      <source>{path}: no label in any case; annotate at least one case (a folder holds `images` and, of the same names, `labels`){adapts:?, or choose the strategy `{strategy}`, which learns from images alone|}.</source>
      <translation>{path}: kein Label in irgendeinem Fall; annotieren Sie mindestens einen (ein Ordner hat `images` und, mit denselben Namen, `labels`){adapts:?, oder wählen Sie die Strategie `{strategy}`, die nur von Bildern lernt|}.</translation>
    </message>
    <message>
      <source>the label map drops every label of {path}; leave one to segment.</source>
      <translation>die Zuordnung der Labels lässt jedes Label von {path} weg; behalten Sie eines zum Segmentieren.</translation>
    </message>
    <message>
      <source>{path}: {count} labels; at most {most} can be segmented at once{known:?; {where}|}.</source>
      <translation>{path}: {count} Labels; höchstens {most} lassen sich auf einmal segmentieren{known:?; {where}|}.</translation>
    </message>
    <message>
      <source>your labels {first} and {second} both begin from the source label `{source_label}`, but not from all the same ones; give `{source_label}` to one of them in the label map, or the same list to both.</source>
      <translation>Ihre Labels {first} und {second} beginnen beide mit dem Label `{source_label}` des Ausgangsmodells, aber nicht mit lauter denselben; geben Sie `{source_label}` in der Zuordnung einem davon, oder beiden dieselbe Liste.</translation>
    </message>
    <message>
      <source>{path}: two labels are called `{label}`; give each a name of its own.</source>
      <translation>{path}: Zwei Labels heißen `{label}`; geben Sie jedem einen eigenen Namen.</translation>
    </message>
    <message>
      <source>label map: the labels of {path} are regions, which overlap, so none can be dropped or merged; leave such entries out.</source>
      <translation>Zuordnung der Labels: Die Labels von {path} sind Regionen, die überlappen, also kann keines weggelassen oder zusammengelegt werden; lassen Sie solche Einträge weg.</translation>
    </message>
    <message>
      <source>{path}: a region that is not annotated in some cases may be anywhere in another; mark its voxels `ignore`, or leave these cases out.</source>
      <translation>{path}: Eine Region, die in einigen Fällen nicht annotiert ist, kann dort überall in einer anderen liegen; markieren Sie ihre Voxel als `ignore`, oder lassen Sie diese Fälle weg.</translation>
    </message>
    <message>
      <source>{path}: the labels that are not annotated differ too much from case to case ({count} combinations; at most {most}); leave out some of the labels, or some of the cases.</source>
      <translation>{path}: Welche Labels nicht annotiert sind, ist von Fall zu Fall zu verschieden ({count} Kombinationen; höchstens {most}); lassen Sie einige Labels oder einige Fälle weg.</translation>
    </message>
    <message>
      <source>the segmentation {file} of case `{case}` is a copy of its image {image}: give its segmentation</source>
      <translation>die Segmentierung {file} des Falls `{case}` ist eine Kopie seines Bildes {image}: Geben Sie seine Segmentierung an</translation>
    </message>
    <message>
      <source>case `{case}` has {count} in {file}: if that is an image, give its segmentation</source>
      <translation>der Fall `{case}` hat {count} in {file}: Ist das ein Bild, geben Sie seine Segmentierung an</translation>
    </message>
    <message>
      <source>label map: the data set has no label `{label}`; it has {known}.</source>
      <translation>Zuordnung der Labels: Der Datensatz hat kein Label `{label}`; er hat {known}.</translation>
    </message>
    <message>
      <source>label map: label `{label}` must go to a source label's name, a list of names, "new" or null; correct its entry.</source>
      <translation>Zuordnung der Labels: Das Label `{label}` muss zum Namen eines Labels des Ausgangsmodells gehen, zu einer Liste von Namen, zu "new" oder zu null; berichtigen Sie seinen Eintrag.</translation>
    </message>
    <message>
      <source>label map: label `{label}` names a source label, but there is no source model; write "new".</source>
      <translation>Zuordnung der Labels: Das Label `{label}` nennt ein Label des Ausgangsmodells, aber es gibt keines; schreiben Sie "new".</translation>
    </message>
    <message>
      <source>label map: the source model `{source}` has no label `{label}`; it has {known}.</source>
      <translation>Zuordnung der Labels: Das Ausgangsmodell `{source}` hat kein Label `{label}`; es hat {known}.</translation>
    </message>
    <message>
      <source>strategy `{strategy}` has no option `{option}`; it takes {known:?{known}|none}.</source>
      <translation>die Strategie `{strategy}` hat keine Option `{option}`; sie nimmt {known:?{known}|keine}.</translation>
    </message>
    <message>
      <source>strategy `{strategy}`: {reason}.</source>
      <translation>Strategie `{strategy}`: {reason}.</translation>
    </message>
    <message>
      <source>{trained} of {convolutions} convolutions will be trained, {parameters_trained} of {parameters} parameters</source>
      <translation>{trained} von {convolutions} Faltungen werden trainiert, {parameters_trained} von {parameters} Parametern</translation>
    </message>
    <message>
      <source>nothing is trained, the source model is used as it is ({parameters} parameters)</source>
      <translation>nichts wird trainiert, das Ausgangsmodell wird benutzt, wie es ist ({parameters} Parameter)</translation>
    </message>
    <message>
      <source>{path} and {other} do not have the same regions; list the same in both.</source>
      <translation>{path} und {other} haben nicht dieselben Regionen; führen Sie in beiden dieselben auf.</translation>
    </message>
    <message>
      <source>not every one of the {count} data sets has {labels:…`}: where {several:?one|it} is not annotated, it is learned as background</source>
      <translation>nicht jeder der {count} Datensätze hat {labels:…`}: Wo {several:?eines davon|es} nicht annotiert ist, wird es als Hintergrund gelernt</translation>
    </message>
    <message>
      <source>pool data sets in which the same structures are annotated, or name them alike</source>
      <translation>legen Sie Datensätze zusammen, in denen dieselben Strukturen annotiert sind, oder nennen Sie sie gleich</translation>
    </message>
    <message>
      <source>the data sets say that they show {modalities}, and all are prepared as the first one is</source>
      <translation>die Datensätze sagen, sie zeigten {modalities}, und alle werden vorbereitet wie der erste</translation>
    </message>
    <message>
      <source>pool data sets of one modality</source>
      <translation>legen Sie Datensätze einer Modalität zusammen</translation>
    </message>
    <message>
      <source>strategy `{strategy}` is not known{near:?, `{nearest}` is near|}; choose one of {strategies}.</source>
      <translation>Die Strategie `{strategy}` ist nicht bekannt{near:?, ähnlich heißt `{nearest}`|}; wählen Sie eine von {strategies}.</translation>
    </message>
    <message>
      <source>strategy `{strategy}`: the source model `{source}` was trained for {task} and segments nothing; choose one of {strategies}.</source>
      <translation>Strategie `{strategy}`: Das Ausgangsmodell `{source}` wurde für {task} trainiert und segmentiert nichts; wählen Sie eine von {strategies}.</translation>
    </message>
    <message>
      <source>strategy `{strategy}`: layers={layers}, but network `{network}` has {count} convolutions before its output layer; choose 0 to {count}.</source>
      <translation>Strategie `{strategy}`: layers={layers}, aber das Netz `{network}` hat vor seiner Ausgabeschicht {count} Faltungen; wählen Sie 0 bis {count}.</translation>
    </message>
    <message>
      <source>strategy `{strategy}`: part=norm, but the normalisation of network `{network}` has no weights that could be trained; choose another part, or strategy `{other}`.</source>
      <translation>Strategie `{strategy}`: part=norm, aber die Normalisierung des Netzes `{network}` hat keine Gewichte, die trainiert werden könnten; wählen Sie einen anderen Teil, oder die Strategie `{other}`.</translation>
    </message>
    <message>
      <source>strategy `{strategy}`: uses no labels, so it cannot learn {count:~the label|the labels} {labels:…`}, which the source model lacks; choose another strategy, or a label map that leaves {count:~it|them} out.</source>
      <translation>Strategie `{strategy}`: benutzt keine Labels, kann also {count:~das Label|die Labels} {labels:…`} nicht lernen, {count:~das|die} dem Ausgangsmodell {count:~fehlt|fehlen}; wählen Sie eine andere Strategie, oder eine Zuordnung, die {count:~es|sie} weglässt.</translation>
    </message>
    <message>
      <source>no strategy is chosen; choose at least one.</source>
      <translation>keine Strategie ist gewählt; wählen Sie mindestens eine.</translation>
    </message>
    <message>
      <source>it cannot be exported ({reason})</source>
      <translation>er kann nicht exportiert werden ({reason})</translation>
    </message>
    <message>
      <source>load it again, or take it out of the list</source>
      <translation>laden Sie ihn noch einmal, oder nehmen Sie ihn aus der Liste</translation>
    </message>
    <message>
      <source>{count} segmentations belong to it ({segmentations:…`})</source>
      <translation>{count} Segmentierungen gehören dazu ({segmentations:…})</translation>
    </message>
    <message>
      <source>choose one of them in its row, or give it the role “to segment”</source>
      <translation>wählen Sie in der Zeile eine davon, oder geben Sie dem Fall die Rolle „segmentieren“</translation>
    </message>
    <message>
      <source>it has no segmentation, so it will only be segmented</source>
      <translation>er hat keine Segmentierung, wird also nur segmentiert</translation>
    </message>
    <message>
      <source>choose its segmentation, or give it the role “to segment”</source>
      <translation>wählen Sie seine Segmentierung, oder geben Sie ihm die Rolle „segmentieren“</translation>
    </message>
    <message>
      <source>Every case is annotated or put aside; add volumes to the cases.</source>
      <translation>Jeder Fall ist annotiert oder zurückgestellt; fügen Sie den Fällen Volumina hinzu.</translation>
    </message>
    <message>
      <source>This case is not in the list any more; press “Next case” again.</source>
      <translation>Dieser Fall ist nicht mehr in der Liste; drücken Sie noch einmal „Nächster Fall“.</translation>
    </message>
    <message>
      <source>case `{name}`: its segmentation is a label map or a file, which the Segment Editor does not open; import it into a segmentation first.</source>
      <translation>Fall `{name}`: Seine Segmentierung ist eine Labelkarte oder eine Datei, die der Segment Editor nicht öffnet; importieren Sie sie zuerst in eine Segmentierung.</translation>
    </message>
    <message>
      <source>The case that was open, or its segmentation, is not there any more; go back and open another.</source>
      <translation>Der Fall, der geöffnet war, oder seine Segmentierung ist nicht mehr da; gehen Sie zurück, und öffnen Sie einen anderen.</translation>
    </message>
    <message>
      <source>No segmentation of the selected cases is shown; select one case that has a segmentation or a draft.</source>
      <translation>Keine Segmentierung der ausgewählten Fälle wird gezeigt; wählen Sie einen Fall aus, der eine Segmentierung oder einen Entwurf hat.</translation>
    </message>
    <message>
      <source>segmentation `{segmentation}`: has no segment, so it does not say what was looked for; add a segment of each label, which may be empty, or flag the case to leave it for later.</source>
      <translation>Segmentierung `{segmentation}`: hat kein Segment und sagt also nicht, wonach gesucht wurde; fügen Sie ein Segment für jedes Label hinzu, das leer sein darf, oder stellen Sie den Fall zurück.</translation>
    </message>
    <message>
      <source>After the installation these packages are still missing: {packages}. Restart Slicer and try again.</source>
      <translation>Nach der Installation fehlen noch diese Pakete: {packages}. Starten Sie Slicer neu, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{package} {version} is there, which comes with Slicer, and TransferSeg needs {requirement}; install a newer Slicer.</source>
      <translation>{package} {version} ist da, das mit Slicer kommt, und TransferSeg braucht {requirement}; installieren Sie ein neueres Slicer.</translation>
    </message>
    <message>
      <source>PyTorch {version} is there and in use by another module, and TransferSeg needs {requirement}; restart Slicer, and press Start before another module is opened, which replaces it.</source>
      <translation>PyTorch {version} ist da und wird von einem anderen Modul benutzt, und TransferSeg braucht {requirement}; starten Sie Slicer neu, und drücken Sie Start, bevor ein anderes Modul geöffnet wird; das ersetzt es.</translation>
    </message>
    <message>
      <source>PyTorch is installed by the extension PyTorch: install it in the Extensions Manager and restart Slicer.</source>
      <translation>PyTorch wird von der Erweiterung PyTorch installiert: Installieren Sie sie in der Erweiterungsverwaltung, und starten Sie Slicer neu.</translation>
    </message>
    <message>
      <source>PyTorch was not installed; install it in the module PyTorch Utils and try again.</source>
      <translation>PyTorch wurde nicht installiert; installieren Sie es im Modul PyTorch Utils, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>After the installation PyTorch {version} is there, and TransferSeg needs {requirement}; press Uninstall in the module PyTorch Utils, restart Slicer and press Start again.</source>
      <translation>Nach der Installation ist PyTorch {version} da, und TransferSeg braucht {requirement}; drücken Sie im Modul PyTorch Utils Uninstall, starten Sie Slicer neu, und drücken Sie wieder Start.</translation>
    </message>
    <message>
      <source>{path}: holds no wheels (.whl); see docs/offline-installation.md.</source>
      <translation>{path}: enthält keine Wheels (.whl); siehe docs/offline-installation.md.</translation>
    </message>
    <message>
      <source>what was dropped is neither an image nor a segmentation; drop volumes, files or folders.</source>
      <translation>was abgelegt wurde, ist weder ein Bild noch eine Segmentierung; legen Sie Volumina, Dateien oder Ordner ab.</translation>
    </message>
    <message>
      <source>{path}: Slicer cannot read it as a segmentation; save it again where it was made.</source>
      <translation>{path}: Slicer kann es nicht als Segmentierung lesen; speichern Sie es dort noch einmal, wo es entstand.</translation>
    </message>
    <message>
      <source>`{segmentation}` is a segmentation; drop it on the row of its image.</source>
      <translation>`{segmentation}` ist eine Segmentierung; legen Sie sie auf der Zeile ihres Bildes ab.</translation>
    </message>
    <message>
      <source>No segmentation of this job's model is shown; click a case, or apply the model.</source>
      <translation>Keine Segmentierung vom Modell dieses Jobs wird gezeigt; klicken Sie einen Fall an, oder wenden Sie das Modell an.</translation>
    </message>
    <message>
      <source>No segmentation of this job is in the scene; load its segmentations, or apply its model first.</source>
      <translation>Keine Segmentierung dieses Jobs ist in der Szene; laden Sie seine Segmentierungen, oder wenden Sie zuerst sein Modell an.</translation>
    </message>
    <message>
      <source>case `{name}`: region `{region}` covers {covers:…`} in it, and {others:…`} in another case; give both the same regions.</source>
      <translation>Fall `{name}`: Die Region `{region}` umfasst darin {covers:…`} und in einem anderen Fall {others:…`}; geben Sie beiden dieselben Regionen.</translation>
    </message>
    <message>
      <source>case `{name}`: in its file {labels:…`} {labels:~overlaps|overlap} nothing, and in other cases {labels:~it is a region|they are regions}; list the regions beside the file, too.</source>
      <translation>Fall `{name}`: In seiner Datei {labels:~überlappt|überlappen} {labels:…`} nichts, und in anderen Fällen {labels:~ist es eine Region|sind es Regionen}; listen Sie die Regionen auch neben dieser Datei auf.</translation>
    </message>
    <message>
      <source>segment `{segment}`: its name has characters that are not seen; rename it.</source>
      <translation>Segment `{segment}`: Sein Name hat Zeichen, die man nicht sieht; benennen Sie es um.</translation>
    </message>
    <message>
      <source>volume `{volume}`: the header of its file places it twice, and Slicer took the other place than most programs do, up to {apart_mm:.3g} mm away</source>
      <translation>Volumen `{volume}`: Der Header der Datei legt es auf zwei Arten fest, und Slicer nahm die andere als die meisten Programme, bis zu {apart_mm:.3g} mm entfernt</translation>
    </message>
    <message>
      <source>compare its sides with its original, and write the right place into both, sform and qform</source>
      <translation>vergleichen Sie seine Seiten mit dem Original, und schreiben Sie den richtigen Ort in beide, sform und qform</translation>
    </message>
    <message>
      <source>segmentation `{segmentation}`: lies {outside_mm:.4g} mm outside volume `{volume}`; choose the segmentation that was drawn on this volume, or put both under the same transform.</source>
      <translation>Segmentierung `{segmentation}`: liegt {outside_mm:.4g} mm außerhalb des Volumens `{volume}`; wählen Sie die Segmentierung, die auf diesem Volumen gezeichnet wurde, oder legen Sie beide unter dieselbe Transformation.</translation>
    </message>
    <message>
      <source>up to {percent:.0f} % of {segments:…`} {segments:~lies|lie} outside the volume and {segments:~is|are} left out</source>
      <translation>bis zu {percent:.0f} % von {segments:…`} {segments:~liegt|liegen} außerhalb des Volumens und {segments:~bleibt|bleiben} weg</translation>
    </message>
    <message>
      <source>check that this segmentation was drawn on this volume</source>
      <translation>prüfen Sie, ob diese Segmentierung auf diesem Volumen gezeichnet wurde</translation>
    </message>
    <message>
      <source>parts of {regions:…`} reach up to {count} {count:~voxel|voxels} beyond {regions:~it|them}, and so these voxels count as {regions:~it|them}, too</source>
      <translation>Teile von {regions:…`} reichen bis zu {count} {count:~Voxel|Voxel} darüber hinaus, und so zählen diese Voxel auch dazu</translation>
    </message>
    <message>
      <source>draw them in the larger region, too, or erase them in the smaller one</source>
      <translation>zeichnen Sie sie auch in der größeren Region, oder löschen Sie sie in der kleineren</translation>
    </message>
    <message>
      <source>segment `{segment}`: was added or renamed while the cases were prepared; try again.</source>
      <translation>Segment `{segment}`: kam hinzu oder wurde umbenannt, während die Fälle vorbereitet wurden; versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: no such file; put it back, or take the case out of the list.</source>
      <translation>{path}: keine solche Datei; legen Sie sie zurück, oder nehmen Sie den Fall aus der Liste.</translation>
    </message>
    <message>
      <source>{path}: is running; cancel it first.</source>
      <translation>{path}: läuft; brechen Sie ihn zuerst ab.</translation>
    </message>
    <message>
      <source>{path}: cannot be deleted ({reason}); close the files in it.</source>
      <translation>{path}: kann nicht gelöscht werden ({reason}); schließen Sie die Dateien darin.</translation>
    </message>
    <message>
      <source>{path}: is being run by {who}, perhaps of another Slicer; open it to watch.</source>
      <translation>{path}: wird von {who} ausgeführt, vielleicht von einem anderen Slicer; öffnen Sie ihn, um zuzusehen.</translation>
    </message>
    <message>
      <source>The worker said that it was done, and then ended with exit code {code}: its results may not be whole. Resume the job; what is finished is kept.</source>
      <translation>Der Prozess sagte, er sei fertig, und endete dann mit dem Code {code}: Seine Ergebnisse mögen nicht vollständig sein. Setzen Sie den Job fort; was fertig ist, bleibt.</translation>
    </message>
    <message>
      <source>The job's folder was deleted while it ran; the job was stopped, and its results are gone.</source>
      <translation>Der Ordner des Jobs wurde gelöscht, während er lief; der Job wurde angehalten, und seine Ergebnisse sind weg.</translation>
    </message>
    <message>
      <source>Slicer's module Segment Statistics is switched off; switch it on in the settings (Modules) and restart Slicer.</source>
      <translation>Slicers Modul Segment Statistics ist abgeschaltet; schalten Sie es in den Einstellungen (Module) ein, und starten Sie Slicer neu.</translation>
    </message>
    <message>
      <source>“{model}” does not segment {labels:…`} yet; draw {labels:~it|them} yourself, and adapt again.</source>
      <translation>„{model}“ segmentiert {labels:…`} noch nicht; zeichnen Sie {labels:~es|sie} selbst, und passen Sie noch einmal an.</translation>
    </message>
    <message>
      <source>No source model is chosen; choose one.</source>
      <translation>Kein Ausgangsmodell ist gewählt; wählen Sie eines.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because the disk is full ({said}). Free space (PyTorch takes 1 GB, with CUDA up to 8 GB), restart Slicer and press Start again.</source>
      <translation>Pakete konnten nicht installiert werden, weil die Festplatte voll ist ({said}). Schaffen Sie Platz (PyTorch braucht 1 GB, mit CUDA bis zu 8 GB), starten Sie Slicer neu, und drücken Sie wieder Start.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because a file's path is longer than Windows takes ({said}). Enable long paths in Windows, or install Slicer into a short folder such as C:\Slicer, and press Start again.</source>
      <translation>Pakete konnten nicht installiert werden, weil der Pfad einer Datei länger ist, als Windows es nimmt ({said}). Schalten Sie in Windows lange Pfade ein, oder installieren Sie Slicer in einen kurzen Ordner wie C:\Slicer, und drücken Sie wieder Start.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because an earlier installation broke off and left a package by half ({said}). Press Uninstall in the module PyTorch Utils, restart Slicer and press Start again.</source>
      <translation>Pakete konnten nicht installiert werden, weil eine frühere Installation abbrach und ein halbes Paket hinterließ ({said}). Drücken Sie im Modul PyTorch Utils Uninstall, starten Sie Slicer neu, und drücken Sie wieder Start.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because a file is in use or may not be replaced ({said}). Restart Slicer, and press Start before another module is opened.</source>
      <translation>Pakete konnten nicht installiert werden, weil eine Datei benutzt wird oder nicht ersetzt werden darf ({said}). Starten Sie Slicer neu, und drücken Sie Start, bevor ein anderes Modul geöffnet wird.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because Slicer's folder may not be written to ({said}). Start Slicer once as an administrator, or install it into a folder of your own, and press Start again.</source>
      <translation>Pakete konnten nicht installiert werden, weil in Slicers Ordner nicht geschrieben werden darf ({said}). Starten Sie Slicer einmal als Administrator, oder installieren Sie es in einen eigenen Ordner, und drücken Sie wieder Start.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because they do not go with those that are there ({said}). Extensions may want different versions: in the module PyTorch Utils press Uninstall, restart Slicer and press Start again.</source>
      <translation>Pakete konnten nicht installiert werden, weil sie nicht zu denen passen, die da sind ({said}). Erweiterungen mögen verschiedene Versionen wollen: Drücken Sie im Modul PyTorch Utils Uninstall, starten Sie Slicer neu, und drücken Sie wieder Start.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because the server's certificate is not trusted ({said}). If your institution's proxy signs connections, name its certificate in PIP_CERT; without a network see docs/offline-installation.md.</source>
      <translation>Pakete konnten nicht installiert werden, weil dem Zertifikat des Servers nicht vertraut wird ({said}). Wenn der Proxy Ihrer Einrichtung Verbindungen signiert, nennen Sie dessen Zertifikat in PIP_CERT; ohne Netz siehe docs/offline-installation.md.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because there is no connection ({said}). Check the network (HTTPS_PROXY names a proxy) and press Start again; without a network see docs/offline-installation.md.</source>
      <translation>Pakete konnten nicht installiert werden, weil keine Verbindung besteht ({said}). Prüfen Sie das Netz (HTTPS_PROXY nennt einen Proxy), und drücken Sie wieder Start; ohne Netz siehe docs/offline-installation.md.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because there is no `{package}` for this Slicer's Python {python} where pip looks ({said}). A newer Slicer may have one; with a folder of wheels, see docs/offline-installation.md.</source>
      <translation>Pakete konnten nicht installiert werden, weil es dort, wo pip sucht, kein `{package}` für das Python {python} dieses Slicer gibt ({said}). Ein neueres Slicer mag eines haben; mit einem Ordner voller Wheels siehe docs/offline-installation.md.</translation>
    </message>
    <message>
      <source>Packages could not be installed, because a file arrived damaged ({said}). Press Start again.</source>
      <translation>Pakete konnten nicht installiert werden, weil eine Datei beschädigt ankam ({said}). Drücken Sie wieder Start.</translation>
    </message>
    <message>
      <source>The packages could not be installed ({reason}). Look at pip's words in the Python console, restart Slicer and press Start again; without a network see docs/offline-installation.md.</source>
      <translation>Die Pakete konnten nicht installiert werden ({reason}). Sehen Sie in der Python-Konsole nach, was pip sagt, starten Sie Slicer neu, und drücken Sie wieder Start; ohne Netz siehe docs/offline-installation.md.</translation>
    </message>
    <message>
      <source>{path}: cannot be started ({reason}); repair the installation.</source>
      <translation>{path}: kann nicht gestartet werden ({reason}); reparieren Sie die Installation.</translation>
    </message>
    <message>
      <source>case `{name}`: all of its segmentation lies outside its image; is it of this image, and is its header right?</source>
      <translation>Fall `{name}`: seine ganze Segmentierung liegt außerhalb seines Bildes; ist sie von diesem Bild, und stimmt ihr Header?</translation>
    </message>
    <message>
      <source>case `{name}`: up to {percent:.0f} % of {labels:…`} {labels:~lies|lie} outside its image and {labels:~is|are} left out; check that this segmentation is of this image.</source>
      <translation>Fall `{name}`: Bis zu {percent:.0f} % von {labels:…`} {labels:~liegt|liegen} außerhalb des Bildes und {labels:~wird|werden} weggelassen; prüfen Sie, ob diese Segmentierung zu diesem Bild gehört.</translation>
    </message>
    <message>
      <source>{path}: its scores are damaged; resume the job, it writes them again.</source>
      <translation>{path}: Die Bewertungen sind beschädigt; setzen Sie den Job fort, er schreibt sie wieder.</translation>
    </message>
    <message>
      <source>The job `{job}` is running on this computer, perhaps from another window of Slicer; wait until it has ended, or cancel it.</source>
      <translation>Der Job `{job}` läuft auf diesem Computer, vielleicht aus einem anderen Fenster von Slicer; warten Sie, bis er zu Ende ist, oder brechen Sie ihn ab.</translation>
    </message>
    <message>
      <source>Slicer's Segment Editor cannot be opened here; open the segmentation in another way, and come back.</source>
      <translation>Slicers Segment Editor kann hier nicht geöffnet werden; öffnen Sie die Segmentierung auf andere Art, und kommen Sie zurück.</translation>
    </message>
    <message>
      <source>{path}: the table cannot be written there; choose another place.</source>
      <translation>{path}: Die Tabelle kann dort nicht geschrieben werden; wählen Sie einen anderen Ort.</translation>
    </message>
    <message>
      <source>The image of “{name}” was not loaded from DICOM, and a DICOM segmentation refers to its slices; load the image with Slicer's DICOM module, or save the segmentation as .seg.nrrd (File, Save Data).</source>
      <translation>Das Bild von „{name}“ wurde nicht aus DICOM geladen, und eine DICOM-Segmentierung bezieht sich auf dessen Schichten; laden Sie das Bild mit Slicers DICOM-Modul, oder speichern Sie die Segmentierung als .seg.nrrd (Datei, Daten speichern).</translation>
    </message>
    <message>
      <source>label map `{segmentation}`: has no voxels; draw it, or choose another segmentation.</source>
      <translation>Labelkarte `{segmentation}`: hat keine Voxel; zeichnen Sie sie, oder wählen Sie eine andere Segmentierung.</translation>
    </message>
    <message>
      <source>segmentation `{segmentation}`: segments `{one}` and `{other}` overlap in {count} {count:~voxel|voxels}; give these voxels to one of them (Segment Editor, Logical operators).</source>
      <translation>Segmentierung `{segmentation}`: Die Segmente `{one}` und `{other}` überlappen in {count} {count:~Voxel|Voxeln}; geben Sie diese Voxel einem davon (Segment Editor, Logische Operatoren).</translation>
    </message>
    <message>
      <source>the segmentation does not lie on volume `{volume}`: {differences:;}; the volume was changed since the job began, load its files again.</source>
      <translation>die Segmentierung liegt nicht auf dem Volumen `{volume}`: {differences:;}; das Volumen wurde seit dem Beginn des Jobs geändert, laden Sie seine Dateien noch einmal.</translation>
    </message>
    <message>
      <source>segmentation `{segmentation}`: two segments are named `{segment}`; rename one, or merge them.</source>
      <translation>Segmentierung `{segmentation}`: Zwei Segmente heißen `{segment}`; benennen Sie eines um, oder legen Sie sie zusammen.</translation>
    </message>
    <message>
      <source>the segmentation cannot be turned into voxels; convert it in the Segmentations module.</source>
      <translation>die Segmentierung lässt sich nicht in Voxel verwandeln; konvertieren Sie sie im Modul Segmentations.</translation>
    </message>
    <message>
      <source>{path}: has no image of `{case}`; was the job folder changed?</source>
      <translation>{path}: hat kein Bild von `{case}`; wurde der Ordner des Jobs geändert?</translation>
    </message>
    <message>
      <source>{path}: was left behind by an installation that broke off, and cannot be deleted ({reason}); close Slicer, delete it, and try again.</source>
      <translation>{path}: blieb von einer abgebrochenen Installation zurück und kann nicht gelöscht werden ({reason}); schließen Sie Slicer, löschen Sie es, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>{path}: bare weights need a card that says what they are; put a card.json beside them.</source>
      <translation>{path}: Bloße Gewichte brauchen eine Karte, die sagt, was sie sind; legen Sie eine card.json daneben.</translation>
    </message>
    <message>
      <source>fewer than two cases are selected; select the rows that are channels of one case.</source>
      <translation>weniger als zwei Fälle sind ausgewählt; wählen Sie die Zeilen aus, die Kanäle eines Falls sind.</translation>
    </message>
    <message>
      <source>cases of the scene and of a folder cannot be joined; load the files into the scene first.</source>
      <translation>Fälle der Szene und eines Ordners lassen sich nicht verbinden; laden Sie die Dateien zuerst in die Szene.</translation>
    </message>
    <message>
      <source>volume `{volume}`: was taken out of the scene meanwhile; what the model found in it is left out.</source>
      <translation>Volumen `{volume}`: wurde inzwischen aus der Szene genommen; was das Modell darin fand, bleibt weg.</translation>
    </message>
    <message>
      <source>No result of “Try” is shown; press “Try”, or show a result in the module Data, first.</source>
      <translation>Kein Ergebnis von „Ausprobieren“ wird gezeigt; drücken Sie zuerst „Ausprobieren“, oder zeigen Sie ein Ergebnis im Modul Data an.</translation>
    </message>
    <message>
      <source>volume `{volume}`: has no voxels; load it again, or take it out of the list.</source>
      <translation>Volumen `{volume}`: hat keine Voxel; laden Sie es noch einmal, oder nehmen Sie es aus der Liste.</translation>
    </message>
    <message>
      <source>volume `{volume}`: has several numbers a voxel (colour); take one channel of it.</source>
      <translation>Volumen `{volume}`: hat mehrere Zahlen je Voxel (Farbe); nehmen Sie einen Kanal davon.</translation>
    </message>
    <message>
      <source>Recommended</source>
      <translation>Empfohlen</translation>
    </message>
    <message>
      <source>When you do not want to choose: several ways of training are tried on your cases for a short time, the better ones for longer, and the best is kept; or the source model as it is, where none is better on cases that it has not seen.</source>
      <translation>Wenn Sie nicht wählen möchten: Mehrere Arten zu trainieren werden kurz an Ihren Fällen probiert, die besseren länger, und die beste wird behalten; oder das Ausgangsmodell, wie es ist, wenn keine an Fällen besser ist, die sie nicht gesehen hat.</translation>
    </message>
    <message>
      <source>Dice</source>
      <translation>Dice</translation>
    </message>
    <message>
      <source>IoU</source>
      <translation>IoU</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>Präzision</translation>
    </message>
    <message>
      <source>Recall</source>
      <translation>Sensitivität</translation>
    </message>
    <message>
      <source>Dice per slice</source>
      <translation>Dice je Schicht</translation>
    </message>
    <message>
      <source>IoU per slice</source>
      <translation>IoU je Schicht</translation>
    </message>
    <message>
      <source>Slices</source>
      <translation>Schichten</translation>
    </message>
    <message>
      <source>HD95</source>
      <translation>HD95</translation>
    </message>
    <message>
      <source>HD</source>
      <translation>HD</translation>
    </message>
    <message>
      <source>ASSD</source>
      <translation>ASSD</translation>
    </message>
    <message>
      <source>Surface Dice</source>
      <translation>Oberflächen-Dice</translation>
    </message>
    <message>
      <source>Reference volume</source>
      <translation>Referenzvolumen</translation>
    </message>
    <message>
      <source>Predicted volume</source>
      <translation>Segmentiertes Volumen</translation>
    </message>
    <message>
      <source>Volume difference</source>
      <translation>Volumendifferenz</translation>
    </message>
    <message>
      <source>Source model as it is</source>
      <translation>Ausgangsmodell, wie es ist</translation>
    </message>
    <message>
      <source>When your scans look like those that the model was made for; and always, as what the others are measured against.</source>
      <translation>Wenn Ihre Aufnahmen aussehen wie die, für die das Modell gemacht wurde; und immer als das, woran die anderen gemessen werden.</translation>
    </message>
    <message>
      <source>Adapt to the scans without labels</source>
      <translation>An Aufnahmen ohne Labels anpassen</translation>
    </message>
    <message>
      <source>When the scans look unlike the source's and few or none are annotated: the model is adapted to the images of all scans of the job, and no label teaches it. So a case that is scored may have been adapted to as an image.</source>
      <translation>Wenn die Aufnahmen anders aussehen als die des Ausgangsmodells und wenige oder keine annotiert sind: Das Modell wird den Bildern aller Aufnahmen des Jobs angepasst, und kein Label lehrt es. Ein bewerteter Fall kann also als Bild dabei gewesen sein.</translation>
    </message>
    <message>
      <source>Fine-tune everything</source>
      <translation>Alles feinabstimmen</translation>
    </message>
    <message>
      <source>When your scans look quite different from the source's, and you have four cases or more.</source>
      <translation>Wenn Ihre Aufnahmen ganz anders aussehen als die des Ausgangsmodells und Sie mindestens vier Fälle haben.</translation>
    </message>
    <message>
      <source>Fine-tune the last layers</source>
      <translation>Die letzten Schichten feinabstimmen</translation>
    </message>
    <message>
      <source>When you have very few cases (one to four), or scans that are close to the source's: it overfits least.</source>
      <translation>Wenn Sie sehr wenige Fälle haben (einen bis vier), oder Aufnahmen, die denen des Ausgangsmodells nahekommen: Es überanpasst am wenigsten.</translation>
    </message>
    <message>
      <source>Fine-tune with small changes everywhere</source>
      <translation>Überall mit kleinen Änderungen feinabstimmen</translation>
    </message>
    <message>
      <source>When you have few cases and scans that look different: every layer adapts, but only by a small change.</source>
      <translation>Wenn Sie wenige Fälle haben und die Aufnahmen anders aussehen: Jede Schicht passt sich an, aber nur mit einer kleinen Änderung.</translation>
    </message>
    <message>
      <source>Two encoders, old and new</source>
      <translation>Zwei Encoder, alt und neu</translation>
    </message>
    <message>
      <source>When the contrast is a different one but the anatomy the same: what the source knows is kept untouched beside it.</source>
      <translation>Wenn der Kontrast ein anderer ist, die Anatomie aber dieselbe: Was das Ausgangsmodell weiß, bleibt daneben unberührt.</translation>
    </message>
    <message>
      <source>Train on old and new scans together</source>
      <translation>Mit alten und neuen Aufnahmen zusammen trainieren</translation>
    </message>
    <message>
      <source>When you want one model that works on both kinds of scan. It takes the source's cases; where they are not given, digital heads stand for them if the source model is one of heads.</source>
      <translation>Wenn Sie ein Modell wollen, das mit beiden Arten von Aufnahmen arbeitet. Es nimmt die Fälle des Ausgangsmodells; sind sie nicht angegeben, stehen digitale Köpfe dafür, wenn das Ausgangsmodell eines für Köpfe ist.</translation>
    </message>
    <message>
      <source>Fine-tune with unlabelled scans as well</source>
      <translation>Auch mit Aufnahmen ohne Labels feinabstimmen</translation>
    </message>
    <message>
      <source>When few scans are annotated and more are to be segmented: the model learns from both, where it is sure of itself. So a case that is scored was learned from as an image, never with its label.</source>
      <translation>Wenn wenige Aufnahmen annotiert sind und weitere segmentiert werden sollen: Das Modell lernt von beiden, wo es sich sicher ist. Von einem bewerteten Fall wurde also als Bild gelernt, nie mit seinem Label.</translation>
    </message>
    <message>
      <source>Keep the encoder, new decoder</source>
      <translation>Encoder behalten, neuer Decoder</translation>
    </message>
    <message>
      <source>When what is to be segmented is a different thing from what the source model segments.</source>
      <translation>Wenn etwas anderes segmentiert werden soll, als das Ausgangsmodell segmentiert.</translation>
    </message>
    <message>
      <source>Random encoder, trained decoder</source>
      <translation>Zufälliger Encoder, trainierter Decoder</translation>
    </message>
    <message>
      <source>For research: how much of the result comes from trained encoder features at all.</source>
      <translation>Für die Forschung: wie viel des Ergebnisses überhaupt von trainierten Merkmalen des Encoders kommt.</translation>
    </message>
    <message>
      <source>From scratch</source>
      <translation>Von Grund auf</translation>
    </message>
    <message>
      <source>When you have many cases, or want to see what the source model is worth.</source>
      <translation>Wenn Sie viele Fälle haben, oder sehen möchten, was das Ausgangsmodell wert ist.</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>Rezept</translation>
    </message>
    <message>
      <source>How a training is done: that of a paper, or the usual one; each of its settings can be changed by itself.</source>
      <translation>Wie trainiert wird: wie in einer Veröffentlichung, oder wie üblich; jede Einstellung lässt sich einzeln ändern.</translation>
    </message>
    <message>
      <source>the usual one of this program</source>
      <translation>das übliche dieses Programms</translation>
    </message>
    <message>
      <source>Mecheter 2023: overlapping patches, cross-entropy</source>
      <translation>Mecheter 2023: überlappende Ausschnitte, Kreuzentropie</translation>
    </message>
    <message>
      <source>Mecheter 2020: slices, cross-entropy</source>
      <translation>Mecheter 2020: Schichten, Kreuzentropie</translation>
    </message>
    <message>
      <source>Zoetmulder 2022: slices, weighted cross-entropy</source>
      <translation>Zoetmulder 2022: Schichten, gewichtete Kreuzentropie</translation>
    </message>
    <message>
      <source>Hossain 2023: whole volumes, Dice</source>
      <translation>Hossain 2023: ganze Volumina, Dice</translation>
    </message>
    <message>
      <source>Karimi 2021: random blocks, minus Dice</source>
      <translation>Karimi 2021: zufällige Blöcke, minus Dice</translation>
    </message>
    <message>
      <source>Steps</source>
      <translation>Schritte</translation>
    </message>
    <message>
      <source>How many steps each training takes. Where a strategy is recommended, a training of the first round takes a tenth of them, one of the second four tenths, or all where the source model does not cope with the cases.</source>
      <translation>Wie viele Schritte jedes Training macht. Wo eine Strategie empfohlen wird, macht ein Training der ersten Runde ein Zehntel davon, eines der zweiten vier Zehntel, oder alle, wo das Ausgangsmodell mit den Fällen nicht zurechtkommt.</translation>
    </message>
    <message>
      <source>Epochs</source>
      <translation>Epochen</translation>
    </message>
    <message>
      <source>How often each training goes through all cases. Where a strategy is recommended, each round takes a part of that, as of the steps.</source>
      <translation>Wie oft jedes Training durch alle Fälle geht. Wo eine Strategie empfohlen wird, nimmt jede Runde einen Teil davon, wie von den Schritten.</translation>
    </message>
    <message>
      <source>Minutes</source>
      <translation>Minuten</translation>
    </message>
    <message>
      <source>How long all trainings of the job take together. With the strategy `auto`, how long the whole job takes, with everything that it tries, its scores and its report.</source>
      <translation>Wie lange alle Trainings des Jobs zusammen dauern. Mit der Strategie `auto`, wie lange der ganze Job dauert, mit allem, was er ausprobiert, seinen Werten und seinem Bericht.</translation>
    </message>
    <message>
      <source>min</source>
      <translation>min</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Gerät</translation>
    </message>
    <message>
      <source>What the networks run on; `auto` is the fastest device of this computer.</source>
      <translation>Worauf die Netze laufen; `auto` ist das schnellste Gerät dieses Computers.</translation>
    </message>
    <message>
      <source>Random seed</source>
      <translation>Zufalls-Seed</translation>
    </message>
    <message>
      <source>The number that all random draws follow from: folds, new weights, patches and augmentation.</source>
      <translation>Die Zahl, aus der alles Zufällige folgt: Folds, neue Gewichte, Ausschnitte und Augmentierung.</translation>
    </message>
    <message>
      <source>The same weights from every run</source>
      <translation>Bei jedem Lauf dieselben Gewichte</translation>
    </message>
    <message>
      <source>Whether every run of the job ends with the same weights. Training is then slower on a GPU.</source>
      <translation>Ob jeder Lauf des Jobs mit denselben Gewichten endet. Das Training ist dann auf einer GPU langsamer.</translation>
    </message>
    <message>
      <source>Train with unlabelled scans</source>
      <translation>Mit Aufnahmen ohne Labels trainieren</translation>
    </message>
    <message>
      <source>Whether strategies may train with scans without their labels: the scans that are to be segmented and, in a fold, the images of the cases that it leaves out. Cases to test or validate on are never among them.</source>
      <translation>Ob Strategien mit Aufnahmen ohne deren Labels trainieren dürfen: mit denen, die segmentiert werden sollen, und in einem Fold mit den Bildern der Fälle, die er weglässt. Test- und Validierungsfälle sind nie darunter.</translation>
    </message>
    <message>
      <source>Uncertainty of unlabelled scans</source>
      <translation>Unsicherheit der Aufnahmen ohne Labels</translation>
    </message>
    <message>
      <source>Whether the uncertainty of the kept model is written for each scan without labels that the job segments, as an image beside the segmentation. It is how far averaged copies and models disagree. Of a single one it is what the model itself says, which is often too little.</source>
      <translation>Ob die Unsicherheit des behaltenen Modells für jede Aufnahme ohne Labels geschrieben wird, die der Job segmentiert, als Bild neben der Segmentierung. Sie ist, wie weit gemittelte Kopien und Modelle auseinandergehen. Von einem einzelnen ist sie, was das Modell selbst sagt, und das ist oft zu wenig.</translation>
    </message>
    <message>
      <source>Segmentations smoothed by</source>
      <translation>Segmentierungen geglättet mit</translation>
    </message>
    <message>
      <source>The width of the Gaussian that smooths segmentations, class against class, without a look at the image (so no CRF). The model keeps it. Not given, it is the source model's; 0 turns it off.</source>
      <translation>Die Breite der Gauß-Funktion, die Segmentierungen glättet, Klasse gegen Klasse, ohne auf das Bild zu sehen (also kein CRF). Das Modell behält sie. Nicht angegeben, ist es die des Ausgangsmodells; 0 schaltet es aus.</translation>
    </message>
    <message>
      <source>mm</source>
      <translation>mm</translation>
    </message>
    <message>
      <source>Scorings of a fold before its end</source>
      <translation>Bewertungen eines Folds vor seinem Ende</translation>
    </message>
    <message>
      <source>How many times before its end the model of a fold is scored on the cases that the fold leaves out. By these scores the job chooses after how many steps its models end; 0 takes all steps. Each time takes as long as segmenting these cases.</source>
      <translation>Wie oft vor seinem Ende das Modell eines Folds an den Fällen bewertet wird, die der Fold auslässt. Danach wählt der Job, nach wie vielen Schritten seine Modelle enden; 0 nimmt alle Schritte. Jedes Mal dauert so lange, wie diese Fälle zu segmentieren.</translation>
    </message>
    <message>
      <source>off</source>
      <translation>aus</translation>
    </message>
    <message>
      <source>Snapshots of each training</source>
      <translation>Zwischenstände jedes Trainings</translation>
    </message>
    <message>
      <source>How many times each training stores its weights for `analyse`: at its start, at its end, and evenly in between.</source>
      <translation>Wie oft jedes Training seine Gewichte für `analyse` speichert: am Anfang, am Ende, und gleichmäßig dazwischen.</translation>
    </message>
    <message>
      <source>Copies averaged</source>
      <translation>Gemittelte Kopien</translation>
    </message>
    <message>
      <source>How many copies of an image are segmented and averaged: the image itself, and copies that are shifted by a voxel. N copies take N times as long. The model keeps the number. Not given, it is the model's; a job that begins from a model without copies averages 7 of an image with up to 8 windows, which take little time, and 1 of a larger one.</source>
      <translation>Wie viele Kopien eines Bildes segmentiert und gemittelt werden: das Bild selbst, und Kopien, die um ein Voxel verschoben sind. N Kopien dauern N-mal so lange. Das Modell behält die Zahl. Nicht angegeben, ist es die des Modells; ein Job, der von einem Modell ohne Kopien ausgeht, mittelt 7 von einem Bild mit bis zu 8 Fenstern, die wenig Zeit brauchen, und 1 von einem größeren.</translation>
    </message>
    <message>
      <source>Mirrored copies averaged</source>
      <translation>Gemittelte gespiegelte Kopien</translation>
    </message>
    <message>
      <source>The axes of the body along which further copies of the image are mirrored. One axis takes one more copy's time, two take three, three take seven. It is refused where a label's name has a side along the axis. The model keeps the axes.</source>
      <translation>Die Achsen des Körpers, entlang derer weitere Kopien des Bildes gespiegelt werden. Eine Achse kostet die Zeit einer weiteren Kopie, zwei die von dreien, drei die von sieben. Es wird abgelehnt, wo der Name eines Labels eine Seite entlang der Achse hat. Das Modell behält die Achsen.</translation>
    </message>
    <message>
      <source>no mirroring</source>
      <translation>keine Spiegelung</translation>
    </message>
    <message>
      <source>along right</source>
      <translation>nach rechts</translation>
    </message>
    <message>
      <source>along anterior</source>
      <translation>nach vorne</translation>
    </message>
    <message>
      <source>along superior</source>
      <translation>nach oben</translation>
    </message>
    <message>
      <source>Ensemble</source>
      <translation>Ensemble</translation>
    </message>
    <message>
      <source>Whether the models of the folds are kept with the final one and averaged with it. With K folds, segmenting takes 1 + K times as long. A job begins from the final one alone. Not given, a job averages their weights into one model where that is sound, and a model that has further ones is used with them. With `none`, the final model is trained on all cases.</source>
      <translation>Ob die Modelle der Folds neben dem endgültigen behalten und mit ihm gemittelt werden. Mit K Folds dauert das Segmentieren 1 + K-mal so lange. Ein Job beginnt allein mit dem endgültigen. Ohne Angabe mittelt ein Job ihre Gewichte zu einem Modell, wo das vertretbar ist, und ein Modell, das weitere hat, wird mit ihnen verwendet. Mit `none` wird das endgültige Modell mit allen Fällen trainiert.</translation>
    </message>
    <message>
      <source>one model</source>
      <translation>ein Modell</translation>
    </message>
    <message>
      <source>with the models of the folds</source>
      <translation>mit den Modellen der Folds</translation>
    </message>
    <message>
      <source>Components and holes</source>
      <translation>Komponenten und Löcher</translation>
    </message>
    <message>
      <source>Whether only the largest component of a label is kept, and its holes are filled, where that is better on the cases that the models did not see. The model keeps what was chosen. `none` never does it, not even where the model has it.</source>
      <translation>Ob von einem Label nur die größte Komponente behalten wird und seine Löcher gefüllt werden, wo das an den Fällen besser ist, die die Modelle nicht gesehen haben. Das Modell behält, was gewählt wurde. `none` tut es nie, auch nicht, wo das Modell es hat.</translation>
    </message>
    <message>
      <source>as the scores choose</source>
      <translation>wie die Bewertungen wählen</translation>
    </message>
    <message>
      <source>never</source>
      <translation>nie</translation>
    </message>
    <message>
      <source>Learning rate</source>
      <translation>Lernrate</translation>
    </message>
    <message>
      <source>The learning rate of every layer that is trained, in place of the strategy's own. Of several, the one with the best scores is chosen: on the validation cases, or out-of-fold.</source>
      <translation>Die Lernrate jeder Schicht, die trainiert wird, statt der eigenen der Strategie. Von mehreren wird die mit den besten Werten gewählt: an den Validierungsfällen, oder out-of-fold.</translation>
    </message>
    <message>
      <source>New layers learn faster by</source>
      <translation>Neue Schichten lernen schneller um</translation>
    </message>
    <message>
      <source>What the learning rate is multiplied by for new layers: those that the source model does not have, or not for every label. Layers that were carried over keep it.</source>
      <translation>Womit die Lernrate für neue Schichten multipliziert wird: solche, die das Ausgangsmodell nicht hat, oder nicht für jedes Label. Übernommene Schichten behalten sie.</translation>
    </message>
    <message>
      <source>Learning rate over time</source>
      <translation>Lernrate über die Zeit</translation>
    </message>
    <message>
      <source>How the learning rate changes while a training runs.</source>
      <translation>Wie sich die Lernrate ändert, während ein Training läuft.</translation>
    </message>
    <message>
      <source>falls smoothly to zero (cosine)</source>
      <translation>fällt glatt auf null (Kosinus)</translation>
    </message>
    <message>
      <source>falls a little each epoch</source>
      <translation>fällt in jeder Epoche ein wenig</translation>
    </message>
    <message>
      <source>falls once, after half of the training</source>
      <translation>fällt einmal, nach der Hälfte des Trainings</translation>
    </message>
    <message>
      <source>falls when nothing is gained</source>
      <translation>fällt, wenn nichts gewonnen wird</translation>
    </message>
    <message>
      <source>falls when nothing is gained, looked at after so many steps</source>
      <translation>fällt, wenn nichts gewonnen wird, nach so vielen Schritten angesehen</translation>
    </message>
    <message>
      <source>stays as it is</source>
      <translation>bleibt, wie sie ist</translation>
    </message>
    <message>
      <source>Learning rate falls by</source>
      <translation>Lernrate fällt um</translation>
    </message>
    <message>
      <source>What the learning rate is multiplied by each time it falls. Not given, it is as in the recipe for the recipe's own schedule, else 0.95 (`step`), 0.1 (`half`), 0.75 (`plateau`) or 0.9 (`plateau-steps`).</source>
      <translation>Womit die Lernrate jedes Mal multipliziert wird, wenn sie fällt. Nicht angegeben, ist es für das eigene Schema des Rezepts wie im Rezept, sonst 0.95 (`step`), 0.1 (`half`), 0.75 (`plateau`) oder 0.9 (`plateau-steps`).</translation>
    </message>
    <message>
      <source>Learning rate waits for</source>
      <translation>Lernrate wartet</translation>
    </message>
    <message>
      <source>For `plateau`, how many epochs without gain in the loss to wait (not given: 5); for `plateau-steps`, how many steps lie between two checks (2000).</source>
      <translation>Bei `plateau`, wie viele Epochen ohne Besserung des Verlusts gewartet wird (nicht angegeben: 5); bei `plateau-steps`, wie viele Schritte zwischen zwei Prüfungen liegen (2000).</translation>
    </message>
    <message>
      <source>Ends without gain after</source>
      <translation>Endet ohne Gewinn nach</translation>
    </message>
    <message>
      <source>A training ends before its budget after so many epochs without gain in the training loss; 0 is never (not given: 10 with `plateau`, else never).</source>
      <translation>Ein Training endet vor seinem Budget nach so vielen Epochen ohne Besserung des Trainingsverlusts; 0 ist nie (nicht angegeben: 10 bei `plateau`, sonst nie).</translation>
    </message>
    <message>
      <source>epochs</source>
      <translation>Epochen</translation>
    </message>
    <message>
      <source>Optimiser</source>
      <translation>Optimierer</translation>
    </message>
    <message>
      <source>The method that turns gradients into steps.</source>
      <translation>Das Verfahren, das aus Gradienten Schritte macht.</translation>
    </message>
    <message>
      <source>Adam</source>
      <translation>Adam</translation>
    </message>
    <message>
      <source>AdamW</source>
      <translation>AdamW</translation>
    </message>
    <message>
      <source>SGD with momentum</source>
      <translation>SGD mit Schwung</translation>
    </message>
    <message>
      <source>Momentum</source>
      <translation>Schwung</translation>
    </message>
    <message>
      <source>For SGD, the share of the previous step that is kept; for Adam, its first decay rate (beta 1).</source>
      <translation>Bei SGD der Anteil des vorigen Schritts, der erhalten bleibt; bei Adam die erste Abklingrate (beta 1).</translation>
    </message>
    <message>
      <source>Weight decay</source>
      <translation>Gewichtsabnahme</translation>
    </message>
    <message>
      <source>How strongly large weights are penalised; 0 is not at all.</source>
      <translation>Wie stark große Gewichte bestraft werden; 0 ist gar nicht.</translation>
    </message>
    <message>
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <source>Pull towards the source</source>
      <translation>Zug zum Ausgangsmodell</translation>
    </message>
    <message>
      <source>How strongly weights that were carried over are pulled back to the source's during training (L2-SP); 0 is not at all.</source>
      <translation>Wie stark übernommene Gewichte während des Trainings zu denen des Ausgangsmodells zurückgezogen werden (L2-SP); 0 ist gar nicht.</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>Verlust</translation>
    </message>
    <message>
      <source>The loss that the training minimises.</source>
      <translation>Der Verlust, den das Training minimiert.</translation>
    </message>
    <message>
      <source>Dice and cross-entropy</source>
      <translation>Dice und Kreuzentropie</translation>
    </message>
    <message>
      <source>cross-entropy</source>
      <translation>Kreuzentropie</translation>
    </message>
    <message>
      <source>cross-entropy, rare classes weighted up (median frequency)</source>
      <translation>Kreuzentropie, seltene Klassen höher gewichtet (Medianhäufigkeit)</translation>
    </message>
    <message>
      <source>Dice of each patch and class</source>
      <translation>Dice jedes Ausschnitts und jeder Klasse</translation>
    </message>
    <message>
      <source>minus Dice of each class</source>
      <translation>minus Dice jeder Klasse</translation>
    </message>
    <message>
      <source>The background counts in Dice</source>
      <translation>Der Hintergrund zählt im Dice</translation>
    </message>
    <message>
      <source>Whether the Dice part of the loss counts the background as a class. Cross-entropy always counts it.</source>
      <translation>Ob der Dice-Anteil des Verlusts den Hintergrund als Klasse zählt. Kreuzentropie zählt ihn immer.</translation>
    </message>
    <message>
      <source>Batch size</source>
      <translation>Batchgröße</translation>
    </message>
    <message>
      <source>How many patches the network sees in one step.</source>
      <translation>Wie viele Ausschnitte das Netz in einem Schritt sieht.</translation>
    </message>
    <message>
      <source>patches</source>
      <translation>Ausschnitte</translation>
    </message>
    <message>
      <source>Patch size</source>
      <translation>Größe der Ausschnitte</translation>
    </message>
    <message>
      <source>The size of the patches that are cut out of the images; 0 is the whole image along an axis.</source>
      <translation>Die Größe der Ausschnitte, die aus den Bildern geschnitten werden; 0 ist das ganze Bild entlang einer Achse.</translation>
    </message>
    <message>
      <source>voxels</source>
      <translation>Voxel</translation>
    </message>
    <message>
      <source>whole</source>
      <translation>ganz</translation>
    </message>
    <message>
      <source>Patches of a case in an epoch</source>
      <translation>Ausschnitte eines Falls in einer Epoche</translation>
    </message>
    <message>
      <source>How many patches of each case are in an epoch; 0 is as many as cover the case, overlapping by half. For a 2D network, 0 is all slices.</source>
      <translation>Wie viele Patches jedes Falls in einer Epoche sind; 0 sind so viele, wie den Fall zur Hälfte überlappend bedecken. Für ein 2D-Netz sind es bei 0 alle Schichten.</translation>
    </message>
    <message>
      <source>as many as cover it</source>
      <translation>so viele, wie ihn bedecken</translation>
    </message>
    <message>
      <source>Patches from</source>
      <translation>Ausschnitte aus</translation>
    </message>
    <message>
      <source>Where patches are cut out of the images.</source>
      <translation>Woher in den Bildern Ausschnitte geschnitten werden.</translation>
    </message>
    <message>
      <source>labels: two of three are centred on a label</source>
      <translation>Labels: Zwei von drei haben ein Label in der Mitte</translation>
    </message>
    <message>
      <source>anywhere</source>
      <translation>irgendwo</translation>
    </message>
    <message>
      <source>a grid: all that cover a case, overlapping by half, or all slices</source>
      <translation>Raster: alle, die einen Fall bedecken, zur Hälfte überlappend, oder alle Schichten</translation>
    </message>
    <message>
      <source>Augmentation</source>
      <translation>Augmentierung</translation>
    </message>
    <message>
      <source>How patches are changed at random, so that the model copes with more than it has seen. Give a level, parts that a paper names, or several joined by `+`.</source>
      <translation>Wie Patches zufällig verändert werden, damit das Modell mit mehr zurechtkommt, als es gesehen hat. Geben Sie eine Stufe an, Teile, die eine Arbeit nennt, oder mehrere durch `+` verbunden.</translation>
    </message>
    <message>
      <source>light: small turns, shifts and changes of size</source>
      <translation>leicht: kleine Drehungen, Verschiebungen und Größenänderungen</translation>
    </message>
    <message>
      <source>strong: larger ones, and changes of brightness</source>
      <translation>stark: größere, und Änderungen der Helligkeit</translation>
    </message>
    <message>
      <source>contrast: tissues in the brightness of other scanners</source>
      <translation>Kontrast: Gewebe in der Helligkeit anderer Geräte</translation>
    </message>
    <message>
      <source>flips along each axis; left and right change places</source>
      <translation>Spiegelungen an jeder Achse; links und rechts tauschen die Plätze</translation>
    </message>
    <message>
      <source>turns by quarters where voxels have equal sides</source>
      <translation>Vierteldrehungen, wo Voxel gleiche Seiten haben</translation>
    </message>
    <message>
      <source>shifts by up to an eighth of the patch</source>
      <translation>Verschiebungen um bis zu ein Achtel des Ausschnitts</translation>
    </message>
    <message>
      <source>Gaussian noise</source>
      <translation>Gaußsches Rauschen</translation>
    </message>
    <message>
      <source>translation by up to 10 voxels, of every second patch</source>
      <translation>Verschiebung um bis zu 10 Voxel, bei jedem zweiten Ausschnitt</translation>
    </message>
    <message>
      <source>Weight averaging</source>
      <translation>Mittelung der Gewichte</translation>
    </message>
    <message>
      <source>The model has the moving average of the weights over the steps. This is the share of the average that each step keeps; 0 is no averaging: the model has the last weights.</source>
      <translation>Das Modell hat den gleitenden Mittelwert der Gewichte über die Schritte. Dies ist der Anteil des Mittelwerts, den jeder Schritt behält; 0 ist keine Mittelung: Das Modell hat die letzten Gewichte.</translation>
    </message>
    <message>
      <source>Share of the adapted weights</source>
      <translation>Anteil der angepassten Gewichte</translation>
    </message>
    <message>
      <source>The share of the adapted weights in the model, for all that was carried over: 1 is the adapted weights, 0 those that the training began with (the source's, or those of the job that it continues). Not given, the job chooses the share by its scores.</source>
      <translation>Der Anteil der angepassten Gewichte im Modell, für alles Übernommene: 1 sind die angepassten Gewichte, 0 die, mit denen das Training begann (die des Ausgangsmodells, oder die des Jobs, den es fortsetzt). Nicht angegeben, wählt der Job den Anteil nach seinen Werten.</translation>
    </message>
    <message>
      <source>Longest gradient</source>
      <translation>Längster Gradient</translation>
    </message>
    <message>
      <source>The largest norm of the gradients: larger gradients are scaled down to it; 0 leaves all as they are.</source>
      <translation>Die größte Norm der Gradienten: Größere Gradienten werden darauf verkleinert; 0 lässt alle, wie sie sind.</translation>
    </message>
    <message>
      <source>Ends where validation gains nothing</source>
      <translation>Endet, wenn die Validierung nichts gewinnt</translation>
    </message>
    <message>
      <source>Whether a training with validation cases ends early, after some validations without gain. The weights of the best validation are kept in any case.</source>
      <translation>Ob ein Training mit Validierungsfällen früher endet, nach einigen Validierungen ohne Gewinn. Die Gewichte der besten Validierung werden auf jeden Fall behalten.</translation>
    </message>
    <message>
      <source>Validations without gain</source>
      <translation>Validierungen ohne Gewinn</translation>
    </message>
    <message>
      <source>After how many validations without gain a training ends.</source>
      <translation>Nach wie vielen Validierungen ohne Gewinn ein Training endet.</translation>
    </message>
    <message>
      <source>validations</source>
      <translation>Validierungen</translation>
    </message>
    <message>
      <source>Validations</source>
      <translation>Validierungen</translation>
    </message>
    <message>
      <source>How many times a training is scored on the validation cases: evenly spread, the last time at its end. Each time takes as long as segmenting them.</source>
      <translation>Wie oft ein Training an den Validierungsfällen bewertet wird: gleichmäßig verteilt, das letzte Mal an seinem Ende. Jedes Mal dauert so lange, wie sie zu segmentieren.</translation>
    </message>
    <message>
      <source>A frozen encoder's features are kept</source>
      <translation>Merkmale eines eingefrorenen Encoders bleiben</translation>
    </message>
    <message>
      <source>Whether a frozen encoder computes the features of at most 48 batches once, and they are used again and again, which is faster. `no` takes new patches in every step.</source>
      <translation>Ob ein eingefrorener Encoder die Features von höchstens 48 Batches einmal berechnet und sie immer wieder benutzt werden, was schneller ist. `no` nimmt in jedem Schritt neue Patches.</translation>
    </message>
    <message>
      <source>Lesions are</source>
      <translation>Läsionen sind</translation>
    </message>
    <message>
      <source>The name or value of a label. Each of its connected components is a lesion, and how many lesions are detected is scored.</source>
      <translation>Der Name oder Wert eines Labels. Jede seiner Zusammenhangskomponenten ist eine Läsion, und es wird bewertet, wie viele Läsionen gefunden werden.</translation>
    </message>
    <message>
      <source>Overlap cut-offs</source>
      <translation>Überlappung mindestens</translation>
    </message>
    <message>
      <source>A lesion counts as detected when more than this share of its voxels was segmented. Give one cut-off or several.</source>
      <translation>Eine Läsion gilt als gefunden, wenn mehr als dieser Anteil ihrer Voxel segmentiert wurde. Geben Sie eine Schwelle an oder mehrere.</translation>
    </message>
    <message>
      <source>Volume cut-offs</source>
      <translation>Volumen mindestens</translation>
    </message>
    <message>
      <source>Lesions and false alarms that are smaller than this are not counted. Give one cut-off or several, in mL or mm³.</source>
      <translation>Läsionen und falsche Alarme, die kleiner sind, werden nicht gezählt. Geben Sie eine Schwelle an oder mehrere, in mL oder mm³.</translation>
    </message>
    <message>
      <source>One lesion is</source>
      <translation>Eine Läsion ist</translation>
    </message>
    <message>
      <source>Which voxels belong to one lesion.</source>
      <translation>Welche Voxel zu einer Läsion gehören.</translation>
    </message>
    <message>
      <source>voxels that touch in 3D, also at a corner</source>
      <translation>Voxel, die sich in 3D berühren, auch an einer Ecke</translation>
    </message>
    <message>
      <source>voxels that touch within an axial slice, joined through the slices where they overlap</source>
      <translation>Voxel, die sich in einer axialen Schicht berühren, durch die Schichten verbunden, wo sie überlappen</translation>
    </message>
    <message>
      <source>Last layers</source>
      <translation>Letzte Schichten</translation>
    </message>
    <message>
      <source>How many of the last convolutions are trained, beside the output layer; 0 is the output layer alone.</source>
      <translation>Wie viele der letzten Faltungen trainiert werden, neben der Ausgabeschicht; 0 ist die Ausgabeschicht allein.</translation>
    </message>
    <message>
      <source>Part of the network</source>
      <translation>Teil des Netzes</translation>
    </message>
    <message>
      <source>Which part of the network is trained, in place of a number of layers.</source>
      <translation>Welcher Teil des Netzes trainiert wird, statt einer Zahl von Schichten.</translation>
    </message>
    <message>
      <source>the output layer</source>
      <translation>die Ausgabeschicht</translation>
    </message>
    <message>
      <source>the decoder</source>
      <translation>der Decoder</translation>
    </message>
    <message>
      <source>the encoder</source>
      <translation>der Encoder</translation>
    </message>
    <message>
      <source>the encoder and the output layer</source>
      <translation>der Encoder und die Ausgabeschicht</translation>
    </message>
    <message>
      <source>the normalisation alone</source>
      <translation>die Normalisierung allein</translation>
    </message>
    <message>
      <source>Rank of the changes</source>
      <translation>Rang der Änderungen</translation>
    </message>
    <message>
      <source>The rank of the change that each layer may learn. The higher it is, the closer this is to training everything.</source>
      <translation>Der Rang der Änderung, die jede Schicht lernen darf. Je höher er ist, desto näher ist es daran, alles zu trainieren.</translation>
    </message>
    <message>
      <source>Fusion</source>
      <translation>Fusion</translation>
    </message>
    <message>
      <source>How the features of the two encoders are joined.</source>
      <translation>Wie die Merkmale der beiden Encoder verbunden werden.</translation>
    </message>
    <message>
      <source>multiplied</source>
      <translation>multipliziert</translation>
    </message>
    <message>
      <source>side by side</source>
      <translation>nebeneinander</translation>
    </message>
    <message>
      <source>averaged</source>
      <translation>gemittelt</translation>
    </message>
    <message>
      <source>the larger of the two</source>
      <translation>das größere der beiden</translation>
    </message>
    <message>
      <source>Decoder</source>
      <translation>Decoder</translation>
    </message>
    <message>
      <source>Which weights the decoder behind the two encoders begins with.</source>
      <translation>Mit welchen Gewichten der Decoder hinter den beiden Encodern beginnt.</translation>
    </message>
    <message>
      <source>with the source's weights</source>
      <translation>mit den Gewichten des Ausgangsmodells</translation>
    </message>
    <message>
      <source>anew</source>
      <translation>neu</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.measuring</name>
    <message>
      <source>Measuring the segments…</source>
      <translation>Die Segmente werden gemessen…</translation>
    </message>
    <message>
      <source>Volumes and intensities</source>
      <translation>Volumina und Intensitäten</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>Segmentierung</translation>
    </message>
    <message>
      <source>Segment</source>
      <translation>Segment</translation>
    </message>
    <message>
      <source>Voxels</source>
      <translation>Voxel</translation>
    </message>
    <message>
      <source>Volume (mL)</source>
      <translation>Volumen (mL)</translation>
    </message>
    <message>
      <source>Surface (cm²)</source>
      <translation>Oberfläche (cm²)</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>Mittel</translation>
    </message>
    <message>
      <source>Standard deviation</source>
      <translation>Standardabweichung</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.next_job</name>
    <message>
      <source>The scene is being closed</source>
      <translation>Die Szene wird geschlossen</translation>
    </message>
    <message>
      <source>The cases are being prepared</source>
      <translation>Die Fälle werden vorbereitet</translation>
    </message>
    <message>
      <source>A job is running</source>
      <translation>Ein Job läuft</translation>
    </message>
    <message>
      <source>Another job is running on this computer: {job}</source>
      <translation>Ein anderer Job läuft auf diesem Computer: {job}</translation>
    </message>
    <message>
      <source>Choose a source model that is on this computer</source>
      <translation>Wählen Sie ein Ausgangsmodell, das auf diesem Computer ist</translation>
    </message>
    <message>
      <source>Add at least one annotated case</source>
      <translation>Fügen Sie mindestens einen annotierten Fall hinzu</translation>
    </message>
    <message>
      <source>Correct the cases first: {what}</source>
      <translation>Berichtigen Sie zuerst die Fälle: {what}</translation>
    </message>
    <message>
      <source>Tick at least one strategy</source>
      <translation>Haken Sie mindestens eine Strategie an</translation>
    </message>
    <message>
      <source>Give the budget in steps: how many fit into minutes differs from run to run, and every run is to end with the same weights</source>
      <translation>Geben Sie das Budget in Schritten an: Wie viele in Minuten passen, ist von Lauf zu Lauf verschieden, und jeder Lauf soll mit denselben Gewichten enden</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.offers</name>
    <message>
      <source>In {count} parts: {title}</source>
      <translation>In {count} Teilen: {title}</translation>
    </message>
    <message>
      <source>Of {program}, on this computer: {title}</source>
      <translation>Von {program}, auf diesem Computer: {title}</translation>
    </message>
    <message>
      <source>Cannot be used yet: {title}</source>
      <translation>Noch nicht zu benutzen: {title}</translation>
    </message>
    <message>
      <source>On this computer, of another program: {title}</source>
      <translation>Auf diesem Computer, von einem anderen Programm: {title}</translation>
    </message>
    <message>
      <source>To download: {title}</source>
      <translation>Herunterzuladen: {title}</translation>
    </message>
    <message>
      <source>{count} segments</source>
      <translation>{count} Segmente</translation>
    </message>
    <message>
      <source>commercial use NOT allowed</source>
      <translation>kommerzielle Nutzung NICHT erlaubt</translation>
    </message>
    <message>
      <source>Dice {value:.2f}</source>
      <translation>Dice {value:.2f}</translation>
    </message>
    <message>
      <source>of a stopped job</source>
      <translation>von einem angehaltenen Job</translation>
    </message>
    <message>
      <source>below its source model</source>
      <translation>schlechter als sein Ausgangsmodell</translation>
    </message>
    <message>
      <source>{size:.1f} MB</source>
      <translation>{size:.1f} MB</translation>
    </message>
    <message>
      <source>not stated by its publisher</source>
      <translation>vom Herausgeber nicht angegeben</translation>
    </message>
    <message>
      <source>not stated by its publisher; what is downloaded first is required later</source>
      <translation>vom Herausgeber nicht angegeben; was zuerst heruntergeladen wird, muss es später wieder sein</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>Lizenz</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <source>Segments</source>
      <translation>Segmente</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Parts</source>
      <translation>Teile</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Von</translation>
    </message>
    <message>
      <source>its publisher, for a key</source>
      <translation>dem Herausgeber, gegen einen Schlüssel</translation>
    </message>
    <message>
      <source>Checksum</source>
      <translation>Prüfsumme</translation>
    </message>
    <message>
      <source>Citation</source>
      <translation>Zitat</translation>
    </message>
    <message>
      <source>Press Download to get this model.</source>
      <translation>Drücken Sie Herunterladen, um dieses Modell zu holen.</translation>
    </message>
    <message>
      <source>Its publisher first crops images to {region}; what it finds elsewhere means little.</source>
      <translation>Der Herausgeber schneidet Bilder zuerst auf {region} zu; was es anderswo findet, bedeutet wenig.</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>Ordner</translation>
    </message>
    <message>
      <source>Press Take in to use this model; its files stay where they are.</source>
      <translation>Drücken Sie Aufnehmen, um dieses Modell zu benutzen; seine Dateien bleiben, wo sie sind.</translation>
    </message>
    <message>
      <source>One part is adapted at a time: choose the one with your segments in the list.</source>
      <translation>Ein Teil auf einmal wird angepasst: Wählen Sie in der Liste den mit Ihren Segmenten.</translation>
    </message>
    <message>
      <source>Warning</source>
      <translation>Warnung</translation>
    </message>
    <message>
      <source>Changes labels</source>
      <translation>Ändert Labels</translation>
    </message>
    <message>
      <source>Trained on</source>
      <translation>Trainiert mit</translation>
    </message>
    <message>
      <source>Known scores</source>
      <translation>Bekannte Bewertungen</translation>
    </message>
    <message>
      <source>Voxels</source>
      <translation>Voxel</translation>
    </message>
    <message>
      <source>as in the image</source>
      <translation>wie im Bild</translation>
    </message>
    <message>
      <source>own</source>
      <translation>eigene</translation>
    </message>
    <message>
      <source>allowed</source>
      <translation>erlaubt</translation>
    </message>
    <message>
      <source>NOT allowed</source>
      <translation>NICHT erlaubt</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>unbekannt</translation>
    </message>
    <message>
      <source>see the licence</source>
      <translation>siehe die Lizenz</translation>
    </message>
    <message>
      <source>{licence}; commercial use: {uses}</source>
      <translation>{licence}; kommerzielle Nutzung: {uses}</translation>
    </message>
    <message>
      <source>not stated</source>
      <translation>nicht angegeben</translation>
    </message>
    <message>
      <source>Dice {values} ({how})</source>
      <translation>Dice {values} ({how})</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.option_fields</name>
    <message>
      <source>not chosen</source>
      <translation>nicht gewählt</translation>
    </message>
    <message>
      <source>{title}:</source>
      <translation>{title}:</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.outcome_view</name>
    <message>
      <source>Better</source>
      <translation>Besser</translation>
    </message>
    <message>
      <source>Worse</source>
      <translation>Schlechter</translation>
    </message>
    <message>
      <source>No clear difference</source>
      <translation>Kein klarer Unterschied</translation>
    </message>
    <message>
      <source>Too few to tell</source>
      <translation>Zu wenige, um es zu sagen</translation>
    </message>
    <message>
      <source>No fair test</source>
      <translation>Kein fairer Test</translation>
    </message>
    <message>
      <source>Source model kept</source>
      <translation>Ausgangsmodell behalten</translation>
    </message>
    <message>
      <source>Not compared</source>
      <translation>Nicht verglichen</translation>
    </message>
    <message>
      <source>Not known yet</source>
      <translation>Noch nicht bekannt</translation>
    </message>
    <message>
      <source>{metric}: {before} → {after} {unit}</source>
      <translation>{metric}: {before} → {after} {unit}</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.outlines</name>
    <message>
      <source>Outlines</source>
      <translation>Umrisse</translation>
    </message>
    <message>
      <source>{origin}: thick</source>
      <translation>{origin}: dick</translation>
    </message>
    <message>
      <source>{origin}: thin</source>
      <translation>{origin}: dünn</translation>
    </message>
    <message>
      <source>{origin}: medium</source>
      <translation>{origin}: mittel</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.processes</name>
    <message>
      <source>it ended without a message</source>
      <translation>es endete ohne eine Nachricht</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.progress</name>
    <message>
      <source>TransferSeg</source>
      <translation>TransferSeg</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.ranking</name>
    <message>
      <source>The next case could not be found.</source>
      <translation>Der nächste Fall konnte nicht gefunden werden.</translation>
    </message>
    <message>
      <source>Preparing the images…</source>
      <translation>Die Bilder werden vorbereitet…</translation>
    </message>
    <message>
      <source>“{case}” was left out: {reason}</source>
      <translation>„{case}“ blieb weg: {reason}</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.resampling</name>
    <message>
      <source>{image}: resampled labels</source>
      <translation>{image}: umgerechnete Labels</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.results_section</name>
    <message>
      <source>The results could not be shown.</source>
      <translation>Die Ergebnisse konnten nicht gezeigt werden.</translation>
    </message>
    <message>
      <source>The adapted model began with: {weights}</source>
      <translation>Das angepasste Modell begann mit: {weights}</translation>
    </message>
    <message>
      <source>Use the source model instead</source>
      <translation>Stattdessen das Ausgangsmodell benutzen</translation>
    </message>
    <message>
      <source>Annotate another case</source>
      <translation>Noch einen Fall annotieren</translation>
    </message>
    <message>
      <source>Apply to other volumes</source>
      <translation>Auf andere Volumina anwenden</translation>
    </message>
    <message>
      <source>The source model “{name}” is used instead of the model of this job.</source>
      <translation>Das Ausgangsmodell „{name}“ wird statt des Modells dieses Jobs benutzt.</translation>
    </message>
    <message>
      <source>Open a job that is done first</source>
      <translation>Öffnen Sie zuerst einen fertigen Job</translation>
    </message>
    <message>
      <source>side by side</source>
      <translation>nebeneinander</translation>
    </message>
    <message>
      <source>outlines</source>
      <translation>Umrisse</translation>
    </message>
    <message>
      <source>Segment</source>
      <translation>Segment</translation>
    </message>
    <message>
      <source>Missed</source>
      <translation>Verfehlt</translation>
    </message>
    <message>
      <source>{detected}, {share} false alarms a case (overlap above {overlap}, volume from {volume})</source>
      <translation>{detected}, {share} Fehlalarme je Fall (Überlappung über {overlap}, Volumen ab {volume})</translation>
    </message>
    <message>
      <source>{detected} of {lesions}</source>
      <translation>{detected} von {lesions}</translation>
    </message>
    <message>
      <source>{f1}, precision {precision}, recall {recall} (overlap above {overlap}, volume from {volume})</source>
      <translation>{f1}, Präzision {precision}, Sensitivität {recall} (Überlappung über {overlap}, Volumen ab {volume})</translation>
    </message>
    <message>
      <source>The report has the curve of detection over the lesions' volume.</source>
      <translation>Der Bericht hat die Kurve der gefundenen Läsionen über deren Volumen.</translation>
    </message>
    <message>
      <source>Detected: {label}</source>
      <translation>Gefunden: {label}</translation>
    </message>
    <message>
      <source>F1 of detection: {label}</source>
      <translation>F1 der gefundenen: {label}</translation>
    </message>
    <message>
      <source>Case</source>
      <translation>Fall</translation>
    </message>
    <message>
      <source>not scored: it has no reference</source>
      <translation>nicht bewertet: Er hat keine Referenz</translation>
    </message>
    <message>
      <source>case {number}</source>
      <translation>Fall {number}</translation>
    </message>
    <message>
      <source>The case could not be shown.</source>
      <translation>Der Fall konnte nicht gezeigt werden.</translation>
    </message>
    <message>
      <source>The segmentations could not be loaded.</source>
      <translation>Die Segmentierungen konnten nicht geladen werden.</translation>
    </message>
    <message>
      <source>Loading the segmentations…</source>
      <translation>Die Segmentierungen werden geladen…</translation>
    </message>
    <message>
      <source>{count} segmentations are in the scene.</source>
      <translation>{count} Segmentierungen sind in der Szene.</translation>
    </message>
    <message>
      <source>The chart could not be shown.</source>
      <translation>Das Diagramm konnte nicht gezeigt werden.</translation>
    </message>
    <message>
      <source>This job has no scores</source>
      <translation>Dieser Job hat keine Bewertungen</translation>
    </message>
    <message>
      <source>source model</source>
      <translation>Ausgangsmodell</translation>
    </message>
    <message>
      <source>{difference} against the source model, better in {better} of {n} cases</source>
      <translation>{difference} gegen das Ausgangsmodell, besser in {better} von {n} Fällen</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.rounds_section</name>
    <message>
      <source>one round, Dice {dice:.3f}</source>
      <translation>eine Runde, Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>{count} rounds, Dice {dice:.3f}</source>
      <translation>{count} Runden, Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>Rounds appear here when a job is done.</source>
      <translation>Runden erscheinen hier, wenn ein Job fertig ist.</translation>
    </message>
    <message>
      <source>No case was annotated without a prediction in all rounds, so there is nothing to compare them on.</source>
      <translation>Kein Fall wurde in allen Runden ohne eine Vorhersage annotiert, also gibt es nichts, woran sie zu vergleichen wären.</translation>
    </message>
    <message>
      <source>Shared: the {count} cases that all rounds have and that did not begin as predictions; {drawn} of them were drawn at random. Scores of cases that began as predictions (corrected) may be too good.</source>
      <translation>Gemeinsam: die {count} Fälle, die alle Runden haben und die nicht als Vorhersagen begannen; {drawn} davon wurden zufällig gezogen. Bewertungen von Fällen, die als Vorhersagen begannen (korrigiert), können zu gut sein.</translation>
    </message>
    <message>
      <source>a case that is gone</source>
      <translation>ein Fall, den es nicht mehr gibt</translation>
    </message>
    <message>
      <source>The round could not be started.</source>
      <translation>Die Runde konnte nicht gestartet werden.</translation>
    </message>
    <message>
      <source>The chart could not be shown.</source>
      <translation>Das Diagramm konnte nicht gezeigt werden.</translation>
    </message>
    <message>
      <source>{number} ({minutes:.0f} min)</source>
      <translation>{number} ({minutes:.0f} min)</translation>
    </message>
    <message>
      <source>round {number}</source>
      <translation>Runde {number}</translation>
    </message>
    <message>
      <source>Start the first round with Start; then correct cases, and adapt again</source>
      <translation>Beginnen Sie die erste Runde mit Start; korrigieren Sie dann Fälle, und passen Sie noch einmal an</translation>
    </message>
    <message>
      <source>The source model is used instead of the job's; untick that to go on from the job</source>
      <translation>Das Ausgangsmodell wird statt des Modells des Jobs benutzt; nehmen Sie den Haken weg, um vom Job auszugehen</translation>
    </message>
    <message>
      <source>No round has scores yet</source>
      <translation>Noch hat keine Runde Bewertungen</translation>
    </message>
    <message>
      <source>press Start, which begins from the source model with all your cases</source>
      <translation>drücken Sie Start, das mit allen Ihren Fällen beim Ausgangsmodell beginnt</translation>
    </message>
    <message>
      <source>{strategy} made another network of the source model's, which no round can go on from; {start}</source>
      <translation>{strategy} hat aus dem Netz des Ausgangsmodells ein anderes gemacht, von dem keine Runde weitergehen kann; {start}</translation>
    </message>
    <message>
      <source>The models have learned from {cases}, which would be too easy to segment; make it “annotated” again, or {start}</source>
      <translation>Die Modelle haben von {cases} gelernt; die Bewertung wäre zu gut. Stellen Sie wieder „annotiert“ ein, oder {start}</translation>
    </message>
    <message>
      <source>The cases that a model was scored on in the round before are gone from the list; put them back, or {start}</source>
      <translation>Die Fälle, an denen ein Modell der vorigen Runde bewertet wurde, sind nicht mehr in der Liste; nehmen Sie sie wieder auf, oder {start}</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.run_section</name>
    <message>
      <source>The job that runs could not be opened.</source>
      <translation>Der laufende Job konnte nicht geöffnet werden.</translation>
    </message>
    <message>
      <source>A job is still running: {title}</source>
      <translation>Ein Job läuft noch: {title}</translation>
    </message>
    <message>
      <source>The job of this scene is gone: {path}. Was its folder moved or deleted?</source>
      <translation>Der Job dieser Szene ist weg: {path}. Wurde sein Ordner verschoben oder gelöscht?</translation>
    </message>
    <message>
      <source>The job could not be started.</source>
      <translation>Der Job konnte nicht gestartet werden.</translation>
    </message>
    <message>
      <source>Preparing the cases…</source>
      <translation>Die Fälle werden vorbereitet…</translation>
    </message>
    <message>
      <source>The job could not be cancelled.</source>
      <translation>Der Job konnte nicht abgebrochen werden.</translation>
    </message>
    <message>
      <source>The job is being stopped</source>
      <translation>Der Job wird angehalten</translation>
    </message>
    <message>
      <source>No job of this panel is running</source>
      <translation>Kein Job dieses Panels läuft</translation>
    </message>
    <message>
      <source>Choose a job in the list first</source>
      <translation>Wählen Sie zuerst einen Job in der Liste</translation>
    </message>
    <message>
      <source>This job is running</source>
      <translation>Dieser Job läuft</translation>
    </message>
    <message>
      <source>This job is done</source>
      <translation>Dieser Job ist fertig</translation>
    </message>
    <message>
      <source>Another job is running</source>
      <translation>Ein anderer Job läuft</translation>
    </message>
    <message>
      <source>The model of this job is being applied; wait, or cancel that first</source>
      <translation>Das Modell dieses Jobs wird gerade angewendet; warten Sie, oder brechen Sie das zuerst ab</translation>
    </message>
    <message>
      <source>This job is running; cancel it first</source>
      <translation>Dieser Job läuft; brechen Sie ihn zuerst ab</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>Start</translation>
    </message>
    <message>
      <source>Start · about {time}</source>
      <translation>Start · etwa {time}</translation>
    </message>
    <message>
      <source>Start the job in the background; Slicer stays free to use</source>
      <translation>Den Job im Hintergrund starten; Slicer bleibt frei</translation>
    </message>
    <message>
      <source>Add from scene</source>
      <translation>Aus der Szene</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Zeigen</translation>
    </message>
    <message>
      <source>one job</source>
      <translation>ein Job</translation>
    </message>
    <message>
      <source>{count} jobs</source>
      <translation>{count} Jobs</translation>
    </message>
    <message>
      <source>no jobs yet</source>
      <translation>noch keine Jobs</translation>
    </message>
    <message>
      <source>The job could not be opened.</source>
      <translation>Der Job konnte nicht geöffnet werden.</translation>
    </message>
    <message>
      <source>The job could not be resumed.</source>
      <translation>Der Job konnte nicht fortgesetzt werden.</translation>
    </message>
    <message>
      <source>Delete the job {name} with its model, segmentations and scores?</source>
      <translation>Den Job {name} mit Modell, Segmentierungen und Bewertungen löschen?</translation>
    </message>
    <message>
      <source>The job could not be deleted.</source>
      <translation>Der Job konnte nicht gelöscht werden.</translation>
    </message>
    <message>
      <source>Stopping; what is trained so far is kept…</source>
      <translation>Wird angehalten; was bisher trainiert ist, bleibt…</translation>
    </message>
    <message>
      <source>, {time} left</source>
      <translation>, noch {time}</translation>
    </message>
    <message>
      <source>Starting…</source>
      <translation>Wird gestartet…</translation>
    </message>
    <message>
      <source>Done, with one warning; see the report.</source>
      <translation>Fertig, mit einer Warnung; siehe den Bericht.</translation>
    </message>
    <message>
      <source>Done, with {count} warnings; see the report.</source>
      <translation>Fertig, mit {count} Warnungen; siehe den Bericht.</translation>
    </message>
    <message>
      <source>Done.</source>
      <translation>Fertig.</translation>
    </message>
    <message>
      <source>{n} s</source>
      <translation>{n} s</translation>
    </message>
    <message>
      <source>{n} min</source>
      <translation>{n} min</translation>
    </message>
    <message>
      <source>{n} h</source>
      <translation>{n} h</translation>
    </message>
    <message>
      <source>not started</source>
      <translation>nicht gestartet</translation>
    </message>
    <message>
      <source>running</source>
      <translation>läuft</translation>
    </message>
    <message>
      <source>done</source>
      <translation>fertig</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>fehlgeschlagen</translation>
    </message>
    <message>
      <source>cancelled</source>
      <translation>abgebrochen</translation>
    </message>
    <message>
      <source>interrupted</source>
      <translation>unterbrochen</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.sample_data</name>
    <message>
      <source>TransferSeg</source>
      <translation>TransferSeg</translation>
    </message>
    <message>
      <source>Sample head</source>
      <translation>Beispielkopf</translation>
    </message>
    <message>
      <source>Sample heart</source>
      <translation>Beispielherz</translation>
    </message>
    <message>
      <source>Making the digital head {number} of {count}…</source>
      <translation>Der digitale Kopf {number} von {count} entsteht…</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.segment_editor</name>
    <message>
      <source>Accept</source>
      <translation>Annehmen</translation>
    </message>
    <message>
      <source>This is the annotation of the case: the next round learns from it</source>
      <translation>Das ist die Annotation des Falls: Die nächste Runde lernt davon</translation>
    </message>
    <message>
      <source>Flag</source>
      <translation>Zurückstellen</translation>
    </message>
    <message>
      <source>Leave this case for later: it is not proposed any more, and what is drawn stays</source>
      <translation>Diesen Fall für später lassen: Er wird nicht mehr vorgeschlagen, und was gezeichnet ist, bleibt</translation>
    </message>
    <message>
      <source>Next</source>
      <translation>Weiter</translation>
    </message>
    <message>
      <source>Go on to the next case to annotate</source>
      <translation>Zum nächsten Fall zum Annotieren</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>Zurück</translation>
    </message>
    <message>
      <source>Go back to TransferSeg</source>
      <translation>Zurück zu TransferSeg</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Stop looking for the next case</source>
      <translation>Aufhören, den nächsten Fall zu suchen</translation>
    </message>
    <message>
      <source>Open it again to correct it further: until then, what is drawn in one segment takes from the others.</source>
      <translation>Zum weiteren Korrigieren wieder öffnen: Bis dahin nimmt, was in einem Segment gezeichnet wird, den anderen etwas weg.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.segment_exports</name>
    <message>
      <source>Volumes and intensities</source>
      <translation>Volumina und Intensitäten</translation>
    </message>
    <message>
      <source>Volumes and intensities as CSV…</source>
      <translation>Volumina und Intensitäten als CSV…</translation>
    </message>
    <message>
      <source>Segmentation as DICOM SEG…</source>
      <translation>Segmentierung als DICOM SEG…</translation>
    </message>
    <message>
      <source>The segments could not be measured.</source>
      <translation>Die Segmente konnten nicht gemessen werden.</translation>
    </message>
    <message>
      <source>{segments} segments of {count} segmentations are in the table “{name}”.</source>
      <translation>{segments} Segmente aus {count} Segmentierungen stehen in der Tabelle „{name}“.</translation>
    </message>
    <message>
      <source>The table of volumes and intensities</source>
      <translation>Die Tabelle der Volumina und Intensitäten</translation>
    </message>
    <message>
      <source>The table could not be saved.</source>
      <translation>Die Tabelle konnte nicht gespeichert werden.</translation>
    </message>
    <message>
      <source>The table is in {path}.</source>
      <translation>Die Tabelle liegt in {path}.</translation>
    </message>
    <message>
      <source>The segmentation could not be exported.</source>
      <translation>Die Segmentierung konnte nicht exportiert werden.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.segmenting</name>
    <message>
      <source>The model could not be applied.</source>
      <translation>Das Modell konnte nicht angewendet werden.</translation>
    </message>
    <message>
      <source>Preparing the images…</source>
      <translation>Die Bilder werden vorbereitet…</translation>
    </message>
    <message>
      <source>Segmenting…</source>
      <translation>Es wird segmentiert…</translation>
    </message>
    <message>
      <source>The segmentations could not be loaded.</source>
      <translation>Die Segmentierungen konnten nicht geladen werden.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.sequences</name>
    <message>
      <source>“{name}” is a sequence of {count} images, of which number {shown} is shown. Add each of them as a case of its own? With No, only the one that is shown is added.</source>
      <translation>„{name}“ ist eine Sequenz von {count} Bildern, von denen Nummer {shown} gezeigt wird. Jedes als eigenen Fall hinzufügen? Mit Nein kommt nur das gezeigte hinzu.</translation>
    </message>
    <message>
      <source>Copying the images of the sequence…</source>
      <translation>Die Bilder der Sequenz werden kopiert…</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.showing</name>
    <message>
      <source>adapted model</source>
      <translation>angepasstes Modell</translation>
    </message>
    <message>
      <source>reference</source>
      <translation>Referenz</translation>
    </message>
    <message>
      <source>source model</source>
      <translation>Ausgangsmodell</translation>
    </message>
    <message>
      <source>Making the surfaces of the segments…</source>
      <translation>Die Oberflächen der Segmente entstehen…</translation>
    </message>
    <message>
      <source>{what}: none</source>
      <translation>{what}: keine</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.source_section</name>
    <message>
      <source>Your own models live in {folder}</source>
      <translation>Ihre eigenen Modelle liegen in {folder}</translation>
    </message>
    <message>
      <source>The model “{name}” is not on this computer; choose another.</source>
      <translation>Das Modell „{name}“ ist nicht auf diesem Computer; wählen Sie ein anderes.</translation>
    </message>
    <message>
      <source>Take in</source>
      <translation>Aufnehmen</translation>
    </message>
    <message>
      <source>Download</source>
      <translation>Herunterladen</translation>
    </message>
    <message>
      <source>Filter ({count})</source>
      <translation>Filter ({count})</translation>
    </message>
    <message>
      <source>Filter</source>
      <translation>Filter</translation>
    </message>
    <message>
      <source>{count} models found</source>
      <translation>{count} Modelle gefunden</translation>
    </message>
    <message>
      <source>{found}; this one has {labels}</source>
      <translation>{found}; dieser hat {labels}</translation>
    </message>
    <message>
      <source>No model is like that. Other words, or fewer filters?</source>
      <translation>Kein Modell ist so. Andere Wörter, oder weniger Filter?</translation>
    </message>
    <message>
      <source>On this computer</source>
      <translation>Auf diesem Computer</translation>
    </message>
    <message>
      <source>CT</source>
      <translation>CT</translation>
    </message>
    <message>
      <source>MR</source>
      <translation>MR</translation>
    </message>
    <message>
      <source>Commercial use allowed</source>
      <translation>Kommerzielle Nutzung erlaubt</translation>
    </message>
    <message>
      <source>{name}, not on this computer</source>
      <translation>{name}, nicht auf diesem Computer</translation>
    </message>
    <message>
      <source>Checking the model…</source>
      <translation>Das Modell wird geprüft…</translation>
    </message>
    <message>
      <source>The model could not be downloaded.</source>
      <translation>Das Modell konnte nicht heruntergeladen werden.</translation>
    </message>
    <message>
      <source>Downloading…</source>
      <translation>Wird heruntergeladen…</translation>
    </message>
    <message>
      <source>Cancelled. What was downloaded is kept, and Download goes on from there.</source>
      <translation>Abgebrochen. Was heruntergeladen ist, bleibt, und Herunterladen macht dort weiter.</translation>
    </message>
    <message>
      <source>Cancelled.</source>
      <translation>Abgebrochen.</translation>
    </message>
    <message>
      <source>The card of these weights</source>
      <translation>Die Karte dieser Gewichte</translation>
    </message>
    <message>
      <source>Another model is being added; try again when it is there.</source>
      <translation>Ein anderes Modell wird gerade hinzugefügt; versuchen Sie es wieder, wenn es da ist.</translation>
    </message>
    <message>
      <source>Models: card, MONAI bundle, nnU-Net, checkpoint ({patterns})</source>
      <translation>Modelle: Karte, MONAI-Bundle, nnU-Net, Checkpoint ({patterns})</translation>
    </message>
    <message>
      <source>A model</source>
      <translation>Ein Modell</translation>
    </message>
    <message>
      <source>The model could not be added.</source>
      <translation>Das Modell konnte nicht hinzugefügt werden.</translation>
    </message>
    <message>
      <source>The folder could not be opened.</source>
      <translation>Der Ordner konnte nicht geöffnet werden.</translation>
    </message>
    <message>
      <source>“{name}” ({title}) is now in {folder}.</source>
      <translation>„{name}“ ({title}) liegt jetzt in {folder}.</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.steps</name>
    <message>
      <source>{title}: {summary}</source>
      <translation>{title}: {summary}</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.strategy_section</name>
    <message>
      <source>automatic</source>
      <translation>automatisch</translation>
    </message>
    <message>
      <source>processor</source>
      <translation>Prozessor</translation>
    </message>
    <message>
      <source>minutes, all together</source>
      <translation>Minuten, alle zusammen</translation>
    </message>
    <message>
      <source>steps, each training</source>
      <translation>Schritte, jedes Training</translation>
    </message>
    <message>
      <source>epochs, each training</source>
      <translation>Epochen, jedes Training</translation>
    </message>
    <message>
      <source>as the recipe has it</source>
      <translation>wie im Rezept</translation>
    </message>
    <message>
      <source>The recipe says how long each training is</source>
      <translation>Das Rezept sagt, wie lang jedes Training ist</translation>
    </message>
    <message>
      <source>{count} strategies compared</source>
      <translation>{count} Strategien verglichen</translation>
    </message>
    <message>
      <source>none chosen</source>
      <translation>keine gewählt</translation>
    </message>
    <message>
      <source>{n} min</source>
      <translation>{n} min</translation>
    </message>
    <message>
      <source>{n} steps</source>
      <translation>{n} Schritte</translation>
    </message>
    <message>
      <source>{n} epochs</source>
      <translation>{n} Epochen</translation>
    </message>
    <message>
      <source>{strategy}, {budget}</source>
      <translation>{strategy}, {budget}</translation>
    </message>
    <message>
      <source>The plan is worked out when the job that runs has ended.</source>
      <translation>Der Plan wird ausgearbeitet, wenn der laufende Job zu Ende ist.</translation>
    </message>
    <message>
      <source>chosen by the job</source>
      <translation>vom Job gewählt</translation>
    </message>
    <message>
      <source>“{title}” takes its place</source>
      <translation>„{title}“ tritt an seine Stelle</translation>
    </message>
    <message>
      <source>Tick what is to be compared; click a line to read when it fits.</source>
      <translation>Haken Sie an, was verglichen werden soll; klicken Sie eine Zeile an, um zu lesen, wann sie passt.</translation>
    </message>
    <message>
      <source>Working out what will be trained…</source>
      <translation>Es wird ausgearbeitet, was trainiert wird…</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.try_section</name>
    <message>
      <source>Stopped, as the scene was closed.</source>
      <translation>Angehalten, weil die Szene geschlossen wurde.</translation>
    </message>
    <message>
      <source>Cancelled.</source>
      <translation>Abgebrochen.</translation>
    </message>
    <message>
      <source>The sample scan could not be loaded.</source>
      <translation>Die Beispielaufnahme konnte nicht geladen werden.</translation>
    </message>
    <message>
      <source>The model could not be applied.</source>
      <translation>Das Modell konnte nicht angewendet werden.</translation>
    </message>
    <message>
      <source>“{name}” is in the scene.</source>
      <translation>„{name}“ ist in der Szene.</translation>
    </message>
    <message>
      <source>Choose a source model that is on this computer</source>
      <translation>Wählen Sie ein Ausgangsmodell, das auf diesem Computer ist</translation>
    </message>
    <message>
      <source>This model segments nothing as it is; adapt it to your cases first</source>
      <translation>Dieses Modell segmentiert so nichts; passen Sie es zuerst an Ihre Fälle an</translation>
    </message>
    <message>
      <source>Choose a volume first</source>
      <translation>Wählen Sie zuerst ein Volumen</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.volumes</name>
    <message>
      <source>{name}: uncertainty</source>
      <translation>{name}: Unsicherheit</translation>
    </message>
  </context>
  <context>
    <name>TransferSegGui.words</name>
    <message>
      <source>Nothing is averaged here, so the uncertainty is what the model itself says, which is often too little; adapt it with several copies or as an ensemble to see where these disagree.</source>
      <translation>Hier wird nichts gemittelt, also ist die Unsicherheit, was das Modell selbst sagt, und das ist oft zu wenig; passen Sie es mit mehreren Kopien oder als Ensemble an, um zu sehen, wo diese sich widersprechen.</translation>
    </message>
    <message>
      <source>Case `{name}`: this model keeps the largest piece of a label alone, so {pieces} further {pieces:~piece|pieces} ({shown:…}) {pieces:~was|were} removed; look at the image there before you rely on it.</source>
      <translation>Fall `{name}`: Dieses Modell behält von einem Label nur das größte Stück; deshalb {pieces:~wurde|wurden} {pieces} {pieces:~weiteres Stück|weitere Stücke} ({shown:…}) entfernt; sehen Sie sich das Bild dort an, bevor Sie sich darauf verlassen.</translation>
    </message>
    <message>
      <source>Case `{name}`: this model fills the holes of a label, so some were filled ({shown:…}); look at the image there before you rely on it.</source>
      <translation>Fall `{name}`: Dieses Modell füllt die Löcher eines Labels; deshalb wurden welche gefüllt ({shown:…}); sehen Sie sich das Bild dort an, bevor Sie sich darauf verlassen.</translation>
    </message>
    <message>
      <source>Every strategy, the source model as it is too, prepares images and segments as all models do here, not as nnU-Net does. Try does as nnU-Net with the source model, so it may find something else.</source>
      <translation>Jede Strategie, auch das Ausgangsmodell, wie es ist, bereitet Bilder vor und segmentiert wie alle Modelle hier, nicht wie nnU-Net. „Ausprobieren“ macht es mit dem Ausgangsmodell wie nnU-Net und findet darum vielleicht anderes.</translation>
    </message>
    <message>
      <source>Every strategy, the source model as it is too, sees images with the axes right, anterior, superior{slices:?, thick slices across the last one|}. Try shows the source model the axes of the file, which are others in {count} {count:~case|cases}, so it may find something else there.</source>
      <translation>Jede Strategie, auch das Ausgangsmodell, wie es ist, sieht Bilder mit den Achsen rechts, anterior, superior{slices:?, dicke Schichten quer zur letzten|}. Ausprobieren zeigt dem Ausgangsmodell die Achsen der Datei, die in {count} {count:~Fall|Fällen} andere sind, also kann es dort etwas anderes finden.</translation>
    </message>
    <message>
      <source>Its publisher gives it out only for a key, so it cannot be downloaded here; {page} says how to get one. A model that you have is taken in by Add model.</source>
      <translation>Der Herausgeber gibt es nur gegen einen Schlüssel, also kann es hier nicht heruntergeladen werden; {page} sagt, wie man einen bekommt. Ein Modell, das Sie haben, wird mit Modell hinzufügen aufgenommen.</translation>
    </message>
    <message>
      <source>{path}: {new:?trained a new model|has not finished}, so no round can go on from it; {new:?press Start, which begins from the source model|let it finish, or press Start, which begins from the source model}.</source>
      <translation>{path}: {new:?hat ein neues Modell trainiert|ist nicht fertig}; keine Runde kann davon weitergehen. {new:?Drücken Sie Start, das beim Ausgangsmodell beginnt|Lassen Sie ihn fertig werden, oder drücken Sie Start, das beim Ausgangsmodell beginnt}.</translation>
    </message>
    <message>
      <source>{path}: this job adapted another source model than “{model}”, so no round can go on from it with “{model}”; choose its own source model, or press Start, which begins from “{model}”.</source>
      <translation>{path}: dieser Job hat ein anderes Ausgangsmodell als „{model}“ angepasst; keine Runde kann mit „{model}“ davon weitergehen. Wählen Sie sein eigenes Ausgangsmodell, oder drücken Sie Start, das bei „{model}“ beginnt.</translation>
    </message>
    <message>
      <source>{path}: the model of fold {fold} is not there any more, or an earlier version made it and did not note what it had seen, so cases could be scored by models that saw them; press Start, which begins from the source model.</source>
      <translation>{path}: das Modell des Folds {fold} ist nicht mehr da, oder eine frühere Version hat es gemacht und nicht vermerkt, was es gesehen hat; Fälle könnten von Modellen bewertet werden, die sie gesehen haben. Drücken Sie Start, das beim Ausgangsmodell beginnt.</translation>
    </message>
    <message>
      <source>{path}: {strategy} made another network of the source model's, which no round can go on from; press Start, which begins from the source model with all your cases.</source>
      <translation>{path}: {strategy} hat aus dem Netz des Ausgangsmodells ein anderes gemacht, von dem keine Runde weitergehen kann; drücken Sie Start, das mit allen Ihren Fällen beim Ausgangsmodell beginnt.</translation>
    </message>
    <message>
      <source>{option}: the round before has {count} folds, and a case must stay in its fold; choose {count} or “automatic” there, or press Start, which begins from the source model.</source>
      <translation>{option}: die vorige Runde hat {count} Folds, und ein Fall muss in seinem bleiben; wählen Sie dort {count} oder „automatisch“, oder drücken Sie Start, das beim Ausgangsmodell beginnt.</translation>
    </message>
    <message>
      <source>{path}: its model of fold {fold} was trained on {count:~case|cases} {cases:…`}, which that fold would score: {count:~its score|their scores} would be too good; press Start, which begins from the source model.</source>
      <translation>{path}: sein Modell des Folds {fold} wurde auf {count:~dem Fall|den Fällen} {cases:…`} trainiert, {count:~den|die} dieser Fold bewerten würde: {count:~seine Bewertung wäre|ihre Bewertungen wären} zu gut; drücken Sie Start, das beim Ausgangsmodell beginnt.</translation>
    </message>
    <message>
      <source>{path}: its models have seen {count:~case|cases} {cases:…`}, which {count:~is|are} now for another use: {count:~its score|their scores} would be too good; give {count:~it|them} the use that {count:~it|they} had in the list of cases, or press Start, which begins from the source model.</source>
      <translation>{path}: seine Modelle haben {count:~den Fall|die Fälle} {cases:…`} gesehen, {count:~der|die} jetzt zu etwas anderem {count:~dient|dienen}: {count:~seine Bewertung wäre|ihre Bewertungen wären} zu gut. Geben Sie {count:~ihm|ihnen} in der Liste der Fälle die Verwendung von vorher, oder drücken Sie Start, das beim Ausgangsmodell beginnt.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` was another one there by some of its images, `{other}`, so it cannot be told which fold's model has seen it; put its images right, or press Start, which begins from the source model.</source>
      <translation>{path}: Fall `{case}` war dort nach einigen seiner Bilder ein anderer, `{other}`; welches Fold-Modell ihn gesehen hat, lässt sich nicht sagen. Berichtigen Sie seine Bilder, oder drücken Sie Start: Das beginnt beim Ausgangsmodell.</translation>
    </message>
    <message>
      <source>{path}: case `{case}` has other voxels than in that round, whose image of it is now case `{other}`, and {missing:…`} of that round {missing:~is|are} missing, so it cannot be told which fold's model has seen `{case}`; put the images back into their cases, or press Start, which begins from the source model.</source>
      <translation>{path}: Fall `{case}` hat andere Voxel als in jener Runde, deren Bild davon jetzt Fall `{other}` ist, und {missing:…`} jener Runde {missing:~fehlt|fehlen}; welches Fold-Modell `{case}` gesehen hat, lässt sich nicht sagen. Legen Sie die Bilder in ihre Fälle zurück, oder drücken Sie Start: Das beginnt beim Ausgangsmodell.</translation>
    </message>
    <message>
      <source>Fold {fold} of the round before has no case any more; put its cases back, or press Start, which begins from the source model.</source>
      <translation>Fold {fold} der vorigen Runde hat keinen Fall mehr; nehmen Sie seine Fälle wieder auf, oder drücken Sie Start, das beim Ausgangsmodell beginnt.</translation>
    </message>
    <message>
      <source>Not started yet; press Resume to start it.</source>
      <translation>Noch nicht gestartet; drücken Sie Fortsetzen, um es zu starten.</translation>
    </message>
    <message>
      <source>Failed; look at the log below, then press Resume.</source>
      <translation>Fehlgeschlagen; sehen Sie unten ins Protokoll, und drücken Sie dann Fortsetzen.</translation>
    </message>
    <message>
      <source>Cancelled; press Resume to go on with it.</source>
      <translation>Abgebrochen; drücken Sie Fortsetzen, um weiterzumachen.</translation>
    </message>
    <message>
      <source>The job's process ended without a message; press Resume to go on where it stopped.</source>
      <translation>Der Prozess des Jobs endete ohne eine Nachricht; drücken Sie Fortsetzen, um dort weiterzumachen, wo er stehen blieb.</translation>
    </message>
    <message>
      <source>The job's process ended without a message; press Resume to go on.</source>
      <translation>Der Prozess des Jobs endete ohne eine Nachricht; drücken Sie Fortsetzen, um weiterzumachen.</translation>
    </message>
    <message>
      <source>The job's process ended without a message; press Resume to go on. Its last line: {last_line}</source>
      <translation>Der Prozess des Jobs endete ohne eine Nachricht; drücken Sie Fortsetzen, um weiterzumachen. Die letzte Zeile: {last_line}</translation>
    </message>
    <message>
      <source>Cancelled; the model so far is in {path}{uncompared:?. It was not compared with the source model, and may be worse|}. Press Resume to go on.</source>
      <translation>Abgebrochen; das Modell bis hierher liegt in {path}{uncompared:?. Es wurde nicht mit dem Ausgangsmodell verglichen und ist vielleicht schlechter|}. Drücken Sie Fortsetzen, um weiterzumachen.</translation>
    </message>
    <message>
      <source>Cancelled before training began; press Resume to start it.</source>
      <translation>Abgebrochen, bevor das Training begann; drücken Sie Fortsetzen, um es zu starten.</translation>
    </message>
    <message>
      <source>{path}: the job failed ({kind}: {reason}); the details are in {log}. Press Resume to go on.</source>
      <translation>{path}: Der Job schlug fehl ({kind}: {reason}); Einzelheiten stehen in {log}. Drücken Sie Fortsetzen, um weiterzumachen.</translation>
    </message>
    <message>
      <source>{path}: the disk is full; free space, then press Resume.</source>
      <translation>{path}: Die Festplatte ist voll; schaffen Sie Platz, und drücken Sie dann Fortsetzen.</translation>
    </message>
    <message>
      <source>{path}: writing failed ({reason}); check the disk, then press Resume.</source>
      <translation>{path}: Schreiben schlug fehl ({reason}); prüfen Sie die Festplatte, und drücken Sie dann Fortsetzen.</translation>
    </message>
    <message>
      <source>{path}: writing is not allowed ({reason}); make the folder writable, then press Resume.</source>
      <translation>{path}: Schreiben ist nicht erlaubt ({reason}); machen Sie den Ordner beschreibbar, und drücken Sie dann Fortsetzen.</translation>
    </message>
    <message>
      <source>Memory of {gpu:?the GPU|this computer} ran out even with one small patch at a time; close other programs{gpu:? or choose another device|}, then press Resume.</source>
      <translation>Der Speicher {gpu:?der Grafikkarte|dieses Computers} reichte nicht, auch nicht mit einem kleinen Ausschnitt auf einmal; schließen Sie andere Programme{gpu:?, oder wählen Sie ein anderes Gerät|}, und drücken Sie dann Fortsetzen.</translation>
    </message>
    <message>
      <source>Memory of this computer ran out; close other programs, then press Resume.</source>
      <translation>Der Arbeitsspeicher reichte nicht; schließen Sie andere Programme, und drücken Sie dann Fortsetzen.</translation>
    </message>
    <message>
      <source>Case `{case}`: memory of this computer ran out while it was prepared or read; close other programs, then press Resume, or start a new job without this case.</source>
      <translation>Fall `{case}`: Der Arbeitsspeicher reichte nicht, als er vorbereitet oder gelesen wurde; schließen Sie andere Programme, und drücken Sie dann Fortsetzen, oder starten Sie einen neuen Job ohne diesen Fall.</translation>
    </message>
    <message>
      <source>Case `{case}`: memory of this computer ran out while its segmentation was written or scored; close other programs, then press Resume, or start a new job without this case.</source>
      <translation>Fall `{case}`: Der Arbeitsspeicher reichte nicht, als seine Segmentierung geschrieben oder bewertet wurde; schließen Sie andere Programme, und drücken Sie dann Fortsetzen, oder starten Sie einen neuen Job ohne diesen Fall.</translation>
    </message>
    <message>
      <source>Case `{case}`: memory of this computer ran out while it was segmented, even with small windows; close other programs, then press Resume, or start a new job without this case.</source>
      <translation>Fall `{case}`: Der Arbeitsspeicher reichte nicht, als er segmentiert wurde, auch nicht mit kleinen Fenstern; schließen Sie andere Programme, und drücken Sie dann Fortsetzen, oder starten Sie einen neuen Job ohne diesen Fall.</translation>
    </message>
    <message>
      <source>{path}: holds something else than a checkpoint of this program; delete it, then press Resume.</source>
      <translation>{path}: enthält etwas anderes als einen Zwischenstand dieses Programms; löschen Sie sie, und drücken Sie dann Fortsetzen.</translation>
    </message>
    <message>
      <source>{path}: holds a job already; open or resume it, or choose another folder.</source>
      <translation>{path}: enthält schon einen Job; öffnen Sie ihn oder setzen Sie ihn fort, oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <source>{path}: has no results yet; let the job finish.</source>
      <translation>{path}: hat noch keine Ergebnisse; lassen Sie den Job zu Ende laufen.</translation>
    </message>
    <message>
      <source>{path}: not the folder of a loop (it has no {file}); check the path.</source>
      <translation>{path}: kein Ordner einer Schleife (er hat kein {file}); prüfen Sie den Pfad.</translation>
    </message>
    <message>
      <source>{path}: is not the segmentation that was accepted for case `{case}`; put it back, or accept the new one.</source>
      <translation>{path}: ist nicht die Segmentierung, die für den Fall `{case}` angenommen wurde; legen Sie sie zurück, oder nehmen Sie die neue an.</translation>
    </message>
    <message>
      <source>{path}: this round has not ended; resume it, or delete its folder.</source>
      <translation>{path}: Diese Runde ist nicht zu Ende; setzen Sie sie fort, oder löschen Sie ihren Ordner.</translation>
    </message>
    <message>
      <source>{path}: no case is annotated yet; annotate those that are listed first.</source>
      <translation>{path}: Noch kein Fall ist annotiert; annotieren Sie zuerst die aufgeführten.</translation>
    </message>
    <message>
      <source>Every scan is annotated: add scans to {path}, or adapt again.</source>
      <translation>Jede Aufnahme ist annotiert: Fügen Sie {path} Aufnahmen hinzu, oder passen Sie noch einmal an.</translation>
    </message>
    <message>
      <source>Somebody has begun to correct it: finish it, and accept it.</source>
      <translation>Jemand hat begonnen, ihn zu korrigieren: Beenden Sie das, und nehmen Sie ihn an.</translation>
    </message>
    <message>
      <source>Case `{case}`: {problem} (and {more} more, see the list of cases).</source>
      <translation>Fall `{case}`: {problem} (und {more} weitere, siehe die Liste der Fälle).</translation>
    </message>
    <message>
      <source>{problem} (and {more} more, see the list of cases).</source>
      <translation>{problem} (und {more} weitere, siehe die Liste der Fälle).</translation>
    </message>
    <message>
      <source>Give the budget in steps: how many fit into minutes differs from run to run, and every run is to end with the same weights.</source>
      <translation>Geben Sie das Budget in Schritten an: Wie viele in Minuten passen, ist von Lauf zu Lauf verschieden, und jeder Lauf soll mit denselben Gewichten enden.</translation>
    </message>
    <message>
      <source>Choose “Use the source model instead” to save and apply that one{own:?, which has its own labels ({labels:…})|}.</source>
      <translation>Wählen Sie „Stattdessen das Ausgangsmodell benutzen“, um dieses zu speichern und anzuwenden{own:?; es hat seine eigenen Labels ({labels:…})|}.</translation>
    </message>
    <message>
      <source>the source model as it is was not run, so whether fine-tuning helped is not known</source>
      <translation>das Ausgangsmodell, wie es ist, lief nicht, also ist nicht bekannt, ob die Feinabstimmung half</translation>
    </message>
    <message>
      <source>The model `{model}` is of a job that was stopped before its end{uncompared:?; it was not compared with its source model, `{source}`, and may be worse|}; resume the job to finish it.</source>
      <translation>Das Modell `{model}` ist von einem Job, der vor seinem Ende angehalten wurde{uncompared:?; es wurde nicht mit seinem Ausgangsmodell `{source}` verglichen und ist vielleicht schlechter|}; setzen Sie den Job fort, um ihn zu Ende zu führen.</translation>
    </message>
    <message>
      <source>It does not turn its images, so Apply shows it the axes of the file, as its own program does; jobs show images with the axes right, anterior, superior.</source>
      <translation>Es dreht seine Bilder nicht, deshalb zeigt ihm „Anwenden“ die Achsen der Datei, wie sein eigenes Programm; Jobs zeigen Bilder mit den Achsen rechts, anterior, superior.</translation>
    </message>
    <message>
      <source>nnU-Net shows it the voxels in the order of the file{by:? ({by})|}, and so does Apply. Which orientation its training images had is not recorded, so jobs show it right, anterior, superior.</source>
      <translation>nnU-Net zeigt ihm die Voxel in der Reihenfolge der Datei{by:? ({by})|}, und das tut auch „Anwenden“. Welche Ausrichtung seine Trainingsbilder hatten, ist nicht festgehalten, deshalb zeigen ihm Jobs rechts, anterior, superior.</translation>
    </message>
    <message>
      <source>It is a cascade: {first} comes first, and what that finds is shown to it beside the images. Apply runs both; no job begins from it.</source>
      <translation>Es ist eine Kaskade: {first} kommt zuerst, und was das findet, wird ihm neben den Bildern gezeigt. „Anwenden“ führt beide aus; kein Job beginnt damit.</translation>
    </message>
    <message>
      <source>Apply prepares images and runs it as nnU-Net does{cascade:?|; jobs do it as with all models}.</source>
      <translation>„Anwenden“ bereitet Bilder vor und führt es aus wie nnU-Net{cascade:?|; Jobs tun es wie bei allen Modellen}.</translation>
    </message>
    <message>
      <source>Its plans resample in a way that is not known here, so Apply does not run it as nnU-Net does.</source>
      <translation>Seine Pläne rechnen auf eine Weise um, die hier nicht bekannt ist, deshalb führt „Anwenden“ es nicht so aus wie nnU-Net.</translation>
    </message>
    <message>
      <source>{path}: is a model of another program; bring it in with “Add model…”.</source>
      <translation>{path}: ist ein Modell eines anderen Programms; nehmen Sie es mit „Modell hinzufügen…“ auf.</translation>
    </message>
    <message>
      <source>{path}: this job has no model yet; let it finish, or resume it where it was stopped.</source>
      <translation>{path}: Dieser Job hat noch kein Modell; lassen Sie ihn zu Ende laufen, oder setzen Sie ihn fort, wo er angehalten wurde.</translation>
    </message>
    <message>
      <source>{path}: holds {count} models: {models:…`}; unpack it where it is packed, and choose the folder of one.</source>
      <translation>{path}: enthält {count} Modelle: {models:…`}; entpacken Sie es, wo es gepackt ist, und wählen Sie den Ordner eines davon.</translation>
    </message>
    <message>
      <source>nnU-Net's networks are in a package that is not installed; press Start, which offers to install it.</source>
      <translation>Die Netze von nnU-Net stecken in einem Paket, das nicht installiert ist; drücken Sie Start, das die Installation anbietet.</translation>
    </message>
    <message>
      <source>`{name}`: no source model has this name; choose another one in the list.</source>
      <translation>`{name}`: Kein Ausgangsmodell heißt so; wählen Sie ein anderes in der Liste.</translation>
    </message>
    <message>
      <source>case {number}</source>
      <translation>Fall {number}</translation>
    </message>
    <message>
      <source>segmentation of {case}</source>
      <translation>Segmentierung von {case}</translation>
    </message>
    <message>
      <source>“Budget”</source>
      <translation>„Budget“</translation>
    </message>
    <message>
      <source>“Folds” (Advanced)</source>
      <translation>„Folds“ (Erweitert)</translation>
    </message>
    <message>
      <source>“Save model”</source>
      <translation>„Modell speichern“</translation>
    </message>
    <message>
      <source>“Device”</source>
      <translation>„Gerät“</translation>
    </message>
    <message>
      <source>“Source's cases”</source>
      <translation>„Fälle des Ausgangsmodells“</translation>
    </message>
    <message>
      <source>the model</source>
      <translation>das Modell</translation>
    </message>
    <message>
      <source>the images</source>
      <translation>die Bilder</translation>
    </message>
    <message>
      <source>the folder</source>
      <translation>der Ordner</translation>
    </message>
    <message>
      <source>“The same weights from every run” (Advanced)</source>
      <translation>„Bei jedem Lauf dieselben Gewichte“ (Erweitert)</translation>
    </message>
    <message>
      <source>the list “Your segments, and the source model's labels”</source>
      <translation>die Liste „Ihre Segmente, und die Labels des Ausgangsmodells“</translation>
    </message>
    <message>
      <source>“{title}” (Advanced)</source>
      <translation>„{title}“ (Erweitert)</translation>
    </message>
    <message>
      <source>“{option}” on the command line</source>
      <translation>„{option}“ auf der Kommandozeile</translation>
    </message>
    <message>
      <source>round {number}</source>
      <translation>Runde {number}</translation>
    </message>
    <message>
      <source>yes</source>
      <translation>ja</translation>
    </message>
    <message>
      <source>no</source>
      <translation>nein</translation>
    </message>
    <message>
      <source>CT</source>
      <translation>CT</translation>
    </message>
    <message>
      <source>MR</source>
      <translation>MR</translation>
    </message>
    <message>
      <source>T1-weighted MR</source>
      <translation>T1-gewichtete MR</translation>
    </message>
    <message>
      <source>T2-weighted MR</source>
      <translation>T2-gewichtete MR</translation>
    </message>
    <message>
      <source>FLAIR MR</source>
      <translation>FLAIR-MR</translation>
    </message>
    <message>
      <source>annotated</source>
      <translation>annotiert</translation>
    </message>
    <message>
      <source>to validate on</source>
      <translation>zum Validieren</translation>
    </message>
    <message>
      <source>test</source>
      <translation>Test</translation>
    </message>
    <message>
      <source>to segment</source>
      <translation>segmentieren</translation>
    </message>
  </context>
  <context>
    <name>TransferSegCorrect</name>
    <message>
      <source>The labels that are annotated in the selected cases</source>
      <translation>Die Labels, die in den ausgewählten Fällen annotiert sind</translation>
    </message>
    <message>
      <source>Segment</source>
      <translation>Segmentieren</translation>
    </message>
    <message>
      <source>Segment the selected cases with the model by now; what it finds is a draft to correct</source>
      <translation>Die ausgewählten Fälle mit dem jetzigen Modell segmentieren; was es findet, ist ein Entwurf zum Korrigieren</translation>
    </message>
    <message>
      <source>Correct</source>
      <translation>Korrigieren</translation>
    </message>
    <message>
      <source>Open the selected case in the Segment Editor; one without a segmentation is segmented first</source>
      <translation>Den ausgewählten Fall im Segment Editor öffnen; einer ohne Segmentierung wird zuerst segmentiert</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Export</translation>
    </message>
    <message>
      <source>Take volumes and intensities, or a DICOM segmentation, of the selected cases' drafts and segmentations</source>
      <translation>Volumina und Intensitäten oder eine DICOM-Segmentierung aus den Entwürfen und Segmentierungen der ausgewählten Fälle ausgeben</translation>
    </message>
    <message>
      <source>Export the selected cases' segmentations</source>
      <translation>Die Segmentierungen der ausgewählten Fälle exportieren</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Stop segmenting cases</source>
      <translation>Aufhören, Fälle zu segmentieren</translation>
    </message>
    <message>
      <source>Quick: one network, no mirrored copies</source>
      <translation>Schnell: ein Netz, keine gespiegelten Kopien</translation>
    </message>
    <message>
      <source>Run it as all other models are run: many times faster, and what it finds may differ a little from what nnU-Net finds</source>
      <translation>Es laufen lassen wie alle anderen Modelle: um ein Vielfaches schneller; was es findet, kann etwas von dem abweichen, was nnU-Net findet</translation>
    </message>
  </context>
  <context>
    <name>TransferSegRounds</name>
    <message>
      <source>Correct, and adapt again</source>
      <translation>Korrigieren und neu anpassen</translation>
    </message>
    <message>
      <source>How good the model is by now, round by round</source>
      <translation>Wie gut das Modell inzwischen ist, Runde für Runde</translation>
    </message>
    <message>
      <source>Round</source>
      <translation>Runde</translation>
    </message>
    <message>
      <source>Cases</source>
      <translation>Fälle</translation>
    </message>
    <message>
      <source>Dice, shared</source>
      <translation>Dice, gem.</translation>
    </message>
    <message>
      <source>Dice, all</source>
      <translation>Dice, alle</translation>
    </message>
    <message>
      <source>Corrected</source>
      <translation>Korrigiert</translation>
    </message>
    <message>
      <source>Next case</source>
      <translation>Nächster Fall</translation>
    </message>
    <message>
      <source>Open the case that is least like the annotated ones, with a prediction to correct; it says how unsure the model is of it</source>
      <translation>Den Fall öffnen, der den annotierten am wenigsten gleicht, mit einer Vorhersage zum Korrigieren; dabei steht, wie unsicher das Modell bei ihm ist</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Stop looking for the next case</source>
      <translation>Aufhören, den nächsten Fall zu suchen</translation>
    </message>
    <message>
      <source>Adapt again</source>
      <translation>Neu anpassen</translation>
    </message>
    <message>
      <source>The next round: a job that goes on from the one that is shown, with what was annotated since</source>
      <translation>Die nächste Runde: ein Job, der von dem gezeigten ausgeht, mit dem, was seitdem annotiert wurde</translation>
    </message>
    <message>
      <source>Chart</source>
      <translation>Diagramm</translation>
    </message>
    <message>
      <source>Show the Dice over the rounds in the plot view</source>
      <translation>Den Dice über die Runden im Diagramm zeigen</translation>
    </message>
    <message>
      <source>Quick: one network</source>
      <translation>Schnell: ein Netz</translation>
    </message>
    <message>
      <source>Ask the first network of the model alone, which is faster; the predictions to correct are from it, too</source>
      <translation>Nur das erste Netz des Modells fragen, was schneller ist; auch die Vorhersagen zum Korrigieren sind von ihm</translation>
    </message>
    <message>
      <source>Cases to annotate next, and why; a click opens one</source>
      <translation>Fälle, die als nächste zu annotieren sind, und warum; ein Klick öffnet einen</translation>
    </message>
    <message>
      <source>Case</source>
      <translation>Fall</translation>
    </message>
    <message>
      <source>Why</source>
      <translation>Warum</translation>
    </message>
  </context>
  <context>
    <name>TransferSegTry</name>
    <message>
      <source>Try on:</source>
      <translation>Ausprobieren an:</translation>
    </message>
    <message>
      <source>The volume to segment with the source model as it is; nothing need be annotated</source>
      <translation>Das Volumen, das mit dem Ausgangsmodell, wie es ist, segmentiert wird; nichts muss annotiert sein</translation>
    </message>
    <message>
      <source>The volume to try the source model on</source>
      <translation>Das Volumen, an dem das Ausgangsmodell ausprobiert wird</translation>
    </message>
    <message>
      <source>Load a sample scan</source>
      <translation>Beispielaufnahme laden</translation>
    </message>
    <message>
      <source>Bring a scan from the module Sample Data into the scene on which this model can be tried</source>
      <translation>Eine Aufnahme aus dem Modul Sample Data in die Szene laden, an der sich dieses Modell ausprobieren lässt</translation>
    </message>
    <message>
      <source>Try</source>
      <translation>Ausprobieren</translation>
    </message>
    <message>
      <source>Segment this volume with the source model as it is, in the background</source>
      <translation>Dieses Volumen mit dem Ausgangsmodell, wie es ist, im Hintergrund segmentieren</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Export</translation>
    </message>
    <message>
      <source>Take volumes and intensities, or a DICOM segmentation, of what models as they are have found in the scene</source>
      <translation>Volumina und Intensitäten oder eine DICOM-Segmentierung aus dem ausgeben, was Modelle, wie sie sind, in der Szene gefunden haben</translation>
    </message>
    <message>
      <source>Export what was tried</source>
      <translation>Exportieren, was ausprobiert wurde</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Stop trying the source model</source>
      <translation>Aufhören, das Ausgangsmodell auszuprobieren</translation>
    </message>
    <message>
      <source>Quick: one network, no mirrored copies</source>
      <translation>Schnell: ein Netz, keine gespiegelten Kopien</translation>
    </message>
    <message>
      <source>Run it as all other models are run: many times faster, and what it finds may differ a little from what nnU-Net finds</source>
      <translation>Es laufen lassen wie alle anderen Modelle: um ein Vielfaches schneller; was es findet, kann etwas von dem abweichen, was nnU-Net findet</translation>
    </message>
  </context>
</TS>
