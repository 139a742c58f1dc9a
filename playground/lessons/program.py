"""The lecture's program, codes 13-22 to 13-34, rewritten so that it runs without changes.

Page 6 of the lesson shows its cells, and offers them as a notebook and as a script. The explanation of each cell is in
playground/ui/texts, in both languages. This is a flat script: importing it would train for 200 epochs.
"""

# %% 13-22 imports
import builtins
import gzip
from pathlib import Path

import plotly.graph_objects as go
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms
from torchvision.transforms.functional import to_pil_image
from torchvision.utils import make_grid, save_image
from tqdm import tqdm

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
show = getattr(builtins, "display", lambda picture: None)

# %% 13-23 settings
batch_size = 512
epochs = 200
sample_size = 64
latent_dim = 128
k = 1
images = 60_000
shipped = Path("data/mnist")
folder = Path("lecture-gan")

# %% 13-24 data
raw = folder / "MNIST" / "raw"
raw.mkdir(parents=True, exist_ok=True)
for packed in shipped.glob("*.gz"):
    (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
mnist = datasets.MNIST(folder, train=True, transform=transform, download=True)
loader = DataLoader(Subset(mnist, range(images)), batch_size=batch_size, shuffle=True)


# %% 13-25 generator
class Generator(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(latent_dim, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 512),
            nn.LeakyReLU(0.2),
            nn.Linear(512, 1024),
            nn.LeakyReLU(0.2),
            nn.Linear(1024, 784),
            nn.Tanh(),
        )

    def forward(self, latents):
        return self.main(latents).view(-1, 1, 28, 28)


# %% 13-26 discriminator
class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(784, 1024),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(1024, 512),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(512, 256),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(256, 1),
            nn.Sigmoid(),
        )

    def forward(self, drawings):
        return self.main(drawings.view(-1, 784))


# %% 13-27 networks
generator = Generator(latent_dim).to(device)
discriminator = Discriminator().to(device)
print(generator)
print(discriminator)

# %% 13-28 optimizers
optimizer_g = optim.Adam(generator.parameters(), lr=0.0002)
optimizer_d = optim.Adam(discriminator.parameters(), lr=0.0002)
criterion = nn.BCELoss()
losses_g, losses_d, sheets = [], [], []


# %% 13-29 saving
def save_sheet(drawings, path):
    sheet = make_grid(drawings, normalize=True, value_range=(-1, 1))
    save_image(sheet, path)
    return sheet


# %% 13-30 discriminator_turn
def train_discriminator(real, forged):
    ones = torch.ones(len(real), 1, device=device)
    zeros = torch.zeros(len(forged), 1, device=device)
    optimizer_d.zero_grad()
    loss_real = criterion(discriminator(real), ones)
    loss_forged = criterion(discriminator(forged), zeros)
    loss_real.backward()
    loss_forged.backward()
    optimizer_d.step()
    return (loss_real + loss_forged).item()


# %% 13-31 generator_turn
def train_generator(forged):
    ones = torch.ones(len(forged), 1, device=device)
    optimizer_g.zero_grad()
    loss = criterion(discriminator(forged), ones)
    loss.backward()
    optimizer_g.step()
    return loss.item()


# %% 13-32 training
same_noises = torch.randn(sample_size, latent_dim, device=device)
for epoch in range(epochs):
    sum_g = sum_d = 0
    for real, _ in tqdm(loader):
        real = real.to(device)
        for _ in range(k):
            noises = torch.randn(len(real), latent_dim, device=device)
            sum_d += train_discriminator(real, generator(noises).detach())
        noises = torch.randn(len(real), latent_dim, device=device)
        sum_g += train_generator(generator(noises))
    losses_g.append(sum_g / len(loader))
    losses_d.append(sum_d / (k * len(loader)))
    sheets.append(save_sheet(generator(same_noises).detach().cpu(), folder / f"epoch-{epoch:03d}.png"))
    print(f"Epoch {epoch} of {epochs}")
    print(f"Generator loss: {losses_g[-1]:.8f}, Discriminator loss: {losses_d[-1]:.8f}")
show(to_pil_image(sheets[-1]))

# %% 13-33 losses
figure = go.Figure([go.Scatter(y=losses_g, name="G"), go.Scatter(y=losses_d, name="D")])
figure.write_html(folder / "losses.html")
show(figure)

# %% 13-34 drawings
drawings = generator(torch.randn(10, latent_dim, device=device)).detach().cpu()
for number, drawing in enumerate(drawings):
    save_sheet(drawing, folder / f"drawing-{number}.png")
show(to_pil_image(make_grid(drawings, nrow=10, normalize=True, value_range=(-1, 1))))
